package dev.coracle.spec;

import java.util.List;

/**
 * A program that runs at a point of a container's life and gets its state on standard input (OCI runtime specification, {@code hooks}).
 *
 * @param path absolute
 * @param args argv; empty for the path alone
 * @param timeoutSeconds 0 for none of its own
 */
public record Hook(Stage stage, String path, List<String> args, List<EnvVar> env, int timeoutSeconds) {
    /** When it runs, and where. */
    public enum Stage {
        /** On the node, once the container's namespaces and mounts are made. Deprecated by OCI, still written by tools. */
        PRESTART,
        /** As {@link #PRESTART}. */
        CREATE_RUNTIME,
        /** A program of the node in the container's namespaces, before its root is pivoted to. */
        CREATE_CONTAINER,
        /** A program of the container in its namespaces, before the container's own is executed. */
        START_CONTAINER,
        /** On the node, after the container's program was executed. */
        POSTSTART,
        /** On the node, after the container has ended. */
        POSTSTOP
    }

    public Hook {
        args = List.copyOf(args);
        env = List.copyOf(env);
    }
}
