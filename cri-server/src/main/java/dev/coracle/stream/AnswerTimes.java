package dev.coracle.stream;

import java.time.Duration;

/**
 * The times by which it is found within a limit that a client's machine does not answer any more. The kernel asks a connection on which
 * nothing waits ({@code TCP_KEEPIDLE} and what goes with it); where something waits {@link LostEnd} looks.
 *
 * @param limit at least a second
 */
record AnswerTimes(Duration limit) {
    /** How often a machine that is silent is asked. */
    static final int PROBES = 3;

    /** So many looks in a row that find a question and no answer: three quarters of the limit. */
    static final int LOOKS = 9;

    /** What the kernel takes, in seconds and milliseconds. */
    private static final long KEEP_MAX = 32_767;

    private static final long RETRY_MIN = 1_000;
    private static final long RETRY_MAX = 120_000;

    /** Seconds of silence, half of the limit, after which the kernel begins to ask. */
    int keepIdle() {
        return (int) Math.clamp(limit.toSeconds() / 2, 1, KEEP_MAX);
    }

    /** Seconds from one question to the next. */
    int keepInterval() {
        return (int) Math.clamp(limit.toSeconds() / 2 / PROBES, 1, KEEP_MAX);
    }

    /** Milliseconds, a quarter of the limit, after which at the latest what was not answered is said again. */
    int retry() {
        return (int) Math.clamp(limit.toMillis() / 4, RETRY_MIN, RETRY_MAX);
    }

    /** Milliseconds from one look to the next. */
    long look() {
        return limit.toMillis() / 12;
    }
}
