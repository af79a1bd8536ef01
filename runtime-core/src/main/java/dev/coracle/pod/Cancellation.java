package dev.coracle.pod;

/** Tells a waiting call that nobody waits for its answer any more. */
public interface Cancellation {
    /** Of a call that is waited for to its end. */
    Cancellation NEVER = new Cancellation() {
        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public Registration onCancel(Runnable action) {
            return () -> {};
        }
    };

    boolean cancelled();

    /**
     * Runs {@code action} once when the client goes away, on any thread, and at once if it already went. {@code action} must not
     * wait.
     */
    Registration onCancel(Runnable action);

    /** Closing it forgets the action. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
