package dev.coracle.pod;

import java.time.Instant;

/** The two clocks that pods know. */
public interface Clock {
    /** The node's own. */
    Clock SYSTEM = new Clock() {
        @Override
        public long realtime() {
            return nanos(Instant.now());
        }

        @Override
        public long monotonic() {
            return System.nanoTime();
        }
    };

    /** ns since the epoch; people and their machines set it forth and back. */
    long realtime();

    /**
     * ns of a clock that never steps, and that goes on when the daemon is restarted: CLOCK_MONOTONIC. Differences mean something, the
     * value itself does not.
     */
    long monotonic();

    /** ns since the epoch. */
    static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }
}
