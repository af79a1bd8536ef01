package dev.coracle.e2e;

import java.nio.file.Path;

/** A runtime that somebody else started, outside the node: tests that restart it, or look inside it, cannot be run. */
public final class ForeignDaemon implements Daemon {
    private final Path socket;
    private final DaemonDirs dirs;

    public ForeignDaemon(Path socket, DaemonDirs dirs) {
        this.socket = socket;
        this.dirs = dirs;
    }

    @Override
    public DaemonDirs dirs() {
        return dirs;
    }

    @Override
    public Path socket() {
        return socket;
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        throw new UnsupportedOperationException("the runtime at " + socket + " is not ours to stop");
    }

    @Override
    public void kill() {
        stop();
    }

    @Override
    public boolean alive() {
        return true;
    }

    @Override
    public long pid() {
        throw new UnsupportedOperationException("the runtime at " + socket + " is not ours");
    }

    @Override
    public String log() {
        return "";
    }

    @Override
    public void close() {}
}
