package dev.coracle.shim;

import dev.coracle.spec.PodId;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All shims of this daemon. Its methods may be called from any thread; on a virtual thread they wait without holding its
 * carrier.
 */
public interface Shims extends AutoCloseable {
    /**
     * Makes a pod's shim.
     *
     * @param directory the pod's own, mode 0700; {@code plans} and {@code exits} are made in it
     * @throws dev.coracle.failure.RuntimeFailure.WrongState if a shim of that pod lives
     * @throws dev.coracle.failure.RuntimeFailure.Unavailable if it cannot be made
     */
    Shim open(PodId pod, Path directory);

    /**
     * Finds the shim that an earlier daemon made.
     *
     * @return empty if it is dead; the files in {@code exits} and {@code plans} then say what it had to tell
     * @throws dev.coracle.failure.RuntimeFailure.TimedOut if it lives and does not answer in 10 s
     */
    Optional<Reconnected> reconnect(PodId pod, Path directory);

    /** Ends the spawner and all connections; the shims stay. */
    @Override
    void close();
}
