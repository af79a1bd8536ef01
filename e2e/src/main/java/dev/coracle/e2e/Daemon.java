package dev.coracle.e2e;

import java.nio.file.Path;

/** The runtime under test: a process that serves CRI on a socket. */
public interface Daemon extends AutoCloseable {
    /** The one that the system property coracle.e2e.runtime names; not started yet. */
    static Daemon underTest(Node node) {
        String runtime = System.getProperty("coracle.e2e.runtime", "coracle");
        DaemonDirs dirs = DaemonDirs.in(node.dir());
        return switch (runtime) {
            case "coracle" -> new Coracle(node, dirs);
            case "containerd" -> new Containerd(node, dirs);
            default -> new ForeignDaemon(Path.of(runtime), dirs);
        };
    }

    DaemonDirs dirs();

    default Path socket() {
        return dirs().socket();
    }

    /** Returns when it serves. */
    void start();

    /** SIGTERM, and waits for its end: pods stay. */
    void stop();

    /** SIGKILL. */
    void kill();

    boolean alive();

    long pid();

    /** What it has logged since it was started last. */
    String log();

    @Override
    void close();
}
