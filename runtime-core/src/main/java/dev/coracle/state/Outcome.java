package dev.coracle.state;

/**
 * How a container's main process ended.
 *
 * @param code 0 to 255; 128 + n for a process ended by signal n
 * @param finishedAt ns since the epoch
 * @param message for people; empty where code and reason say it all
 */
public record Outcome(int code, long finishedAt, Reason reason, String message) {
    /** CRI {@code ContainerStatus.reason}. */
    public enum Reason {
        COMPLETED("Completed"),
        ERROR("Error"),
        OOM_KILLED("OOMKilled"),
        /** The process never ran. */
        START_ERROR("StartError"),
        /** Nobody saw how it ended. */
        UNKNOWN("Unknown");

        private final String word;

        Reason(String word) {
            this.word = word;
        }

        /** As a kubelet and its users know it. */
        public String word() {
            return word;
        }
    }

    private static final int START_ERROR_CODE = 128;
    private static final int UNKNOWN_CODE = 255;

    /** Of a process that ran and was seen to end. */
    public static Outcome of(int code, long finishedAt, boolean oomKilled) {
        if (oomKilled) {
            return new Outcome(code, finishedAt, Reason.OOM_KILLED, "");
        }
        return new Outcome(code, finishedAt, code == 0 ? Reason.COMPLETED : Reason.ERROR, "");
    }

    /** Of a container whose start failed: 128, as other runtimes have it. */
    public static Outcome startError(long finishedAt, String message) {
        return new Outcome(START_ERROR_CODE, finishedAt, Reason.START_ERROR, message);
    }

    /** Of a container that is gone without a witness: 255. */
    public static Outcome unknown(long finishedAt, String message) {
        return new Outcome(UNKNOWN_CODE, finishedAt, Reason.UNKNOWN, message);
    }
}
