package dev.coracle.cri;

import dev.coracle.pod.Cancellation;
import java.util.ArrayList;
import java.util.List;

/** The client of one call going away. Guarded by itself; actions run outside the lock, on the connection's event loop. */
final class CallCancellation implements Cancellation {
    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    @Override
    public synchronized boolean cancelled() {
        return cancelled;
    }

    @Override
    public Registration onCancel(Runnable action) {
        // An identity of its own, so that the same action can be registered twice.
        Runnable registered = () -> action.run();
        synchronized (this) {
            if (!cancelled) {
                actions.add(registered);
                return () -> forget(registered);
            }
        }
        action.run();
        return () -> {};
    }

    void cancel() {
        List<Runnable> due;
        synchronized (this) {
            cancelled = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }

    private synchronized void forget(Runnable registered) {
        actions.remove(registered);
    }
}
