package dev.coracle.pod;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** For what another thread does and nobody tells. */
final class Waiting {
    private Waiting() {}

    /** Fails when it is not so within 30 s. */
    static void until(BooleanSupplier wanted) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!wanted.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited 30 s in vain");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
