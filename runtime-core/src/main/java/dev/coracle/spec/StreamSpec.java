package dev.coracle.spec;

import java.util.List;

/** What a client is going to open a connection of streams for (CRI {@code Exec}, {@code Attach} and {@code PortForward}). */
public sealed interface StreamSpec {
    /**
     * Which of the standard streams the client wants.
     *
     * @param tty of an exec: whether it gets a terminal; of an attach: whether the client thinks that the container has one.
     *     Never together with {@code stderr}
     */
    record Streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}

    /** A program to be run in a container. */
    record Exec(ContainerId container, List<String> command, Streams streams) implements StreamSpec {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /** A container's main process. */
    record Attach(ContainerId container, Streams streams) implements StreamSpec {}

    /**
     * Ports of a pod.
     *
     * @param ports 1 to 65535; only for clients that do not name the port with each stream
     */
    record PortForward(PodId pod, List<Integer> ports) implements StreamSpec {
        public PortForward {
            ports = List.copyOf(ports);
        }
    }
}
