package dev.coracle.stream;

import java.time.Duration;

/**
 * The times by which it is found within a limit that a client's machine does not answer any more. {@link LostEnd} asks and looks. Where it may
 * not ask, the kernel still asks a connection on which nothing waits ({@code TCP_KEEPIDLE} and what goes with it).
 *
 * @param limit at least a second
 */
record AnswerTimes(Duration limit) {
    /** How often a machine that is silent is asked. */
    static final int PROBES = 3;

    /** So many looks in a row that find a question and no answer: three quarters of the limit. */
    static final int LOOKS = 9;

    /** What the kernel takes, in seconds. */
    private static final long KEEP_MAX = 32_767;

    /** Seconds of silence, half of the limit, after which the kernel begins to ask. */
    int keepIdle() {
        return (int) Math.clamp(limit.toSeconds() / 2, 1, KEEP_MAX);
    }

    /** Seconds from one question to the next. */
    int keepInterval() {
        return (int) Math.clamp(limit.toSeconds() / 2 / PROBES, 1, KEEP_MAX);
    }

    /** Milliseconds from one look to the next. */
    long look() {
        return limit.toMillis() / 12;
    }
}
