package dev.coracle.plan;

/**
 * The answer of a {@code run} op.
 *
 * @param waitStatus as waitpid(2) gives it
 * @param timedOut it was killed at its deadline
 * @param truncated it wrote more to stdout or stderr than the op's limit
 */
public record ProgramAnswer(int waitStatus, boolean timedOut, boolean truncated, Bytes stdout, Bytes stderr) {
    private static final int SIGNALLED = 128;

    /** The exit code as a shell tells it: 128 and the signal's number where a signal ended it. */
    public int exitCode() {
        int signal = waitStatus & 0x7f;
        return signal == 0 ? waitStatus >> 8 & 0xff : SIGNALLED + signal;
    }
}
