package dev.coracle.shim;

import dev.coracle.spec.PodId;

/** Hears from all shims what was not asked for. Called on the thread that reads all shims: an implementation must not wait. */
public interface ShimEvents {
    /**
     * A container or init has ended and its log is written. Until {@link Shim#acknowledge} each {@link Reconnected} tells it again.
     * May come before the call that made, or reconnected to, the shim has returned.
     */
    void exited(PodId pod, Exit exit);

    /** A killed plan does not end; whoever executes it has got a {@code TimedOut} that says so. */
    void stuck(PodId pod, Stuck stuck);

    /**
     * The connection to the shim ended without {@link Shim#quit}: it is dead, or does not keep to the protocol. Every
     * process it had in a pid namespace of its own is dead with it; {@link Shims#reconnect} tells whether it lives.
     */
    void lost(PodId pod);
}
