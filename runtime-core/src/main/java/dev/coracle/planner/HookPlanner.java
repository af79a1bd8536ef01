package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.Plan;
import dev.coracle.spec.Hook;
import java.util.List;
import java.util.Optional;

/** Plans the hooks that are no part of a start. */
public final class HookPlanner {
    private HookPlanner() {}

    /**
     * Refuses hooks where they cannot run.
     *
     * @throws Unsupported in a pod with a user namespace, whose root cannot enter the bundle
     */
    public static void check(ContainerOrder order, List<Hook> hooks) {
        if (!hooks.isEmpty() && order.pod().spec().security().namespaces().user() != null) {
            throw new Unsupported("run hooks of CDI devices", "the pod has a user namespace");
        }
    }

    /** What is to be run once a container has ended, if anything is. */
    public static Optional<Plan> stopped(ContainerOrder order, List<Hook> hooks) {
        return new HookSteps(order, hooks).stopped();
    }
}
