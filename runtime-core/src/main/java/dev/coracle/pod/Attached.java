package dev.coracle.pod;

import dev.coracle.shim.Session;

/**
 * A client's place at a container's main process.
 *
 * @param stdinOnce the container's standard input ends with the first client that has written to it
 * @param terminal the container has a terminal: no error stream of its own, and an input that cannot end
 */
public record Attached(Session session, boolean stdinOnce, boolean terminal) implements AutoCloseable {
    @Override
    public void close() {
        session.close();
    }
}
