package dev.coracle.net;

import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import java.time.Duration;

/** Carries plans out in the shim of one pod. */
public interface PlanRunner {
    /**
     * Carries a plan out and waits for its end.
     *
     * @param deadline from now; when it passes, everything the plan started is killed
     * @throws dev.coracle.failure.RuntimeFailure.KernelFailure if an operation failed; ETIMEDOUT when the deadline passed, ECANCELED
     *     when the pod was stopped meanwhile
     */
    Answers run(Plan plan, Duration deadline);
}
