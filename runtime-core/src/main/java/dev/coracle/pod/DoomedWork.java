package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.TimedOut;
import java.time.Duration;

/** Waits for work that must not succeed, and ends its plan where it takes too long. Free of state. */
final class DoomedWork {
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final int TIMES = 60;

    private DoomedWork() {}

    /**
     * Waits for its end, however it goes.
     *
     * @param patience how long it may go on before its plan is killed
     * @throws Cancelled if the client goes away first
     * @throws TimedOut if it does not end a minute after that
     */
    static void await(Pod pod, Work work, Duration patience, Cancellation cancellation) {
        if (pod.await(_ -> work.over(), patience.toNanos(), cancellation)) {
            return;
        }
        for (int i = 0; i < TIMES; i++) {
            pod.shim().ifPresent(work::doom);
            if (pod.await(_ -> work.over(), AGAIN.toNanos(), cancellation)) {
                return;
            }
        }
        throw new TimedOut(work.task() + " of pod " + pod.id(), "it was ended and does not end");
    }
}
