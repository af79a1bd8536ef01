package dev.coracle.e2e;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The packaged daemon, with every one of its folders in the node's. */
public final class Coracle extends NodeDaemon {
    private static final Duration READY = Duration.ofMinutes(2);

    private final Node node;
    private final Map<String, String> environment;

    public Coracle(Node node, DaemonDirs dirs) {
        this(node, dirs, Map.of());
    }

    /** @param environment variables that are set for it beside those of this JVM */
    public Coracle(Node node, DaemonDirs dirs, Map<String, String> environment) {
        super(dirs);
        this.node = node;
        this.environment = new HashMap<>(environment);
        this.environment.put("JAVA_HOME", System.getProperty("java.home"));
    }

    /** The command that serves with these folders. */
    public List<String> command() {
        return List.of(
                Tools.home().resolve("bin/coracle").toString(),
                "serve",
                "--config",
                dirs().config().toString(),
                "--state",
                dirs().state().toString(),
                "--run",
                dirs().run().toString(),
                "--socket",
                dirs().socket().toString(),
                "--cni-conf-dir",
                dirs().cniConf().toString(),
                "--cni-bin-dir",
                dirs().cniBin().toString(),
                "--hosts-dir",
                dirs().hosts().toString());
    }

    /** Several on one node have different folders. */
    private String label() {
        return "coracle-" + dirs().run().getName(dirs().run().getNameCount() - 2);
    }

    @Override
    NodeProcess launch() {
        return node.start(label(), environment, command());
    }

    @Override
    void awaitReady(NodeProcess started) {
        started.awaitLine(
                Pattern.compile("\\bready\\b.*" + Pattern.quote(dirs().socket().toString())), READY);
    }
}
