package dev.coracle.planner;

import dev.coracle.plan.Plan;
import dev.coracle.spec.Hook;
import java.util.List;
import java.util.Optional;

/** Plans the hooks that are no part of a start. */
public final class HookPlanner {
    private HookPlanner() {}

    /** What is to be run once a container has ended, if anything is. */
    public static Optional<Plan> stopped(ContainerOrder order, List<Hook> hooks) {
        return new HookSteps(order, hooks).stopped();
    }
}
