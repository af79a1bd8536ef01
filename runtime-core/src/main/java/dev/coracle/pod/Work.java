package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.shim.Shim;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One task that somebody is at, for others to wait for and share the outcome of. Whether it is over, and how it went, is guarded by its
 * pod's lock; the plan it is waiting for is volatile, so that another thread can kill it.
 */
final class Work {
    private final Task task;
    private final boolean inherited;
    private boolean over;
    private @Nullable RuntimeException failure;
    private volatile long plan;
    private volatile boolean doomed;

    /** {@code inherited} when an earlier daemon was at it, and no thread of this one is. */
    Work(Task task, boolean inherited) {
        this.task = task;
        this.inherited = inherited;
    }

    Task task() {
        return task;
    }

    boolean inherited() {
        return inherited;
    }

    /** Only with the pod's lock. */
    boolean over() {
        return over;
    }

    /** Only with the pod's lock; null when it went well. */
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    /** Only with the pod's lock. */
    void end(@Nullable RuntimeException outcome) {
        over = true;
        failure = outcome;
    }

    /** Carries a plan out that {@link #doom} ends. */
    Answers execute(Shim shim, Plan wanted, Duration deadline) {
        long number = shim.nextPlan();
        plan = number;
        if (doomed) {
            throw new WrongState(wanted.title(), "it was stopped meanwhile");
        }
        try {
            return shim.execute(number, wanted, deadline);
        } finally {
            plan = 0;
        }
    }

    /** It must not succeed: whatever plan it waits for is killed, and none is begun any more. */
    void doom(Shim shim) {
        doomed = true;
        long number = plan;
        if (number != 0) {
            shim.kill(number);
        }
    }
}
