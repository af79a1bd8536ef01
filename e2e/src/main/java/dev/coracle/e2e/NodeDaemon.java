package dev.coracle.e2e;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A runtime that is one process of a node. One test drives it at a time. */
abstract sealed class NodeDaemon implements Daemon permits Coracle, Containerd {
    private static final Duration GONE = Duration.ofSeconds(30);

    private final DaemonDirs dirs;
    private @Nullable NodeProcess process;

    NodeDaemon(DaemonDirs dirs) {
        this.dirs = dirs;
    }

    /** Starts the process. */
    abstract NodeProcess launch();

    /** Returns when it serves. */
    abstract void awaitReady(NodeProcess started);

    @Override
    public final DaemonDirs dirs() {
        return dirs;
    }

    @Override
    public final void start() {
        NodeProcess started = launch();
        process = started;
        awaitReady(started);
    }

    @Override
    public final void stop() {
        running().end("TERM", GONE);
    }

    @Override
    public final void kill() {
        running().end("KILL", GONE);
    }

    @Override
    public final boolean alive() {
        return process != null && process.alive();
    }

    @Override
    public final long pid() {
        return running().pid();
    }

    @Override
    public final String log() {
        return process == null ? "" : process.out() + process.err();
    }

    private NodeProcess running() {
        if (process == null) {
            throw new IllegalStateException("the daemon was never started");
        }
        return process;
    }

    @Override
    public final void close() {
        if (alive()) {
            stop();
        }
    }
}
