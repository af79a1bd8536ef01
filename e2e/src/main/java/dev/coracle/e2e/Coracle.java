package dev.coracle.e2e;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The packaged daemon, with every one of its folders in the node's. One test drives it at a time. */
public final class Coracle implements Daemon {
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration GONE = Duration.ofSeconds(30);

    private final Node node;
    private final DaemonDirs dirs;
    private final Map<String, String> environment;
    private @Nullable NodeProcess process;

    public Coracle(Node node, DaemonDirs dirs) {
        this(node, dirs, Map.of());
    }

    /** @param environment variables that are set for it beside those of this JVM */
    public Coracle(Node node, DaemonDirs dirs, Map<String, String> environment) {
        this.node = node;
        this.dirs = dirs;
        this.environment = new HashMap<>(environment);
        this.environment.put("JAVA_HOME", System.getProperty("java.home"));
    }

    /** The command that serves with these folders. */
    public List<String> command() {
        return List.of(
                Tools.home().resolve("bin/coracle").toString(),
                "serve",
                "--config",
                dirs.config().toString(),
                "--state",
                dirs.state().toString(),
                "--run",
                dirs.run().toString(),
                "--socket",
                dirs.socket().toString(),
                "--cni-conf-dir",
                dirs.cniConf().toString(),
                "--cni-bin-dir",
                dirs.cniBin().toString(),
                "--hosts-dir",
                dirs.hosts().toString());
    }

    /** Several on one node have different folders. */
    private String label() {
        return "coracle-" + dirs.run().getName(dirs.run().getNameCount() - 2);
    }

    @Override
    public DaemonDirs dirs() {
        return dirs;
    }

    @Override
    public void start() {
        NodeProcess started = node.start(label(), environment, command());
        process = started;
        started.awaitLine(
                Pattern.compile("\\bready\\b.*" + Pattern.quote(dirs.socket().toString())), READY);
    }

    @Override
    public void stop() {
        running().end("TERM", GONE);
    }

    @Override
    public void kill() {
        running().end("KILL", GONE);
    }

    @Override
    public boolean alive() {
        return process != null && process.alive();
    }

    @Override
    public long pid() {
        return running().pid();
    }

    @Override
    public String log() {
        return process == null ? "" : process.out() + process.err();
    }

    private NodeProcess running() {
        if (process == null) {
            throw new IllegalStateException("the daemon was never started");
        }
        return process;
    }

    @Override
    public void close() {
        if (alive()) {
            stop();
        }
    }
}
