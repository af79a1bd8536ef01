package dev.coracle.shim;

/** Reads wait statuses as waitpid(2) gives them. */
final class WaitStatus {
    private static final int SIGNAL_MASK = 0x7f;
    private static final int CODE_SHIFT = 8;
    private static final int CODE_MASK = 0xff;
    private static final int SIGNAL_BASE = 128;

    private WaitStatus() {}

    /** 0 to 255: the exit code, or 128 plus the number of the signal that ended the process. */
    static int code(int status) {
        int signal = status & SIGNAL_MASK;
        return signal == 0 ? (status >> CODE_SHIFT) & CODE_MASK : SIGNAL_BASE + signal;
    }
}
