package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** containerd and runc: a stand-in that shows the tests to be right, and a rival for the benchmark. */
public final class Containerd extends NodeDaemon {
    private final Node node;
    private final Path bin;

    /** Debian's. */
    public Containerd(Node node, DaemonDirs dirs) {
        this(node, dirs, Tools.provisioned("containerd", "peers").resolveSibling(""));
    }

    private Containerd(Node node, DaemonDirs dirs, Path bin) {
        super(dirs);
        this.node = node;
        this.bin = bin;
    }

    /** The newest, built from its source. */
    public static Containerd newest(Node node, DaemonDirs dirs) {
        return new Containerd(
                node, dirs, Tools.provisioned("rivals/containerd", "rivals").resolveSibling(""));
    }

    @Override
    NodeProcess launch() {
        Path config = node.dir().resolve("containerd.toml");
        try {
            Files.writeString(config, configuration(bin));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return node.start(
                "containerd",
                Map.of("PATH", bin + ":" + System.getenv("PATH")),
                List.of(bin.resolve("containerd").toString(), "--config", config.toString()));
    }

    @Override
    void awaitReady(NodeProcess started) {
        Waiting.untilTrue("containerd serves", Duration.ofSeconds(30), () -> {
            if (!started.alive()) {
                throw new IllegalStateException("containerd ended: " + started.err());
            }
            return started.err().contains("containerd successfully booted");
        });
    }

    private String configuration(Path bin) {
        return """
            version = 2
            root = "%1$s/containerd"
            state = "%2$s/containerd"
            disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
              "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt",
              "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
            [grpc]
              address = "%3$s"
            [ttrpc]
              address = "%3$s.ttrpc"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "%7$s/pause:1"
              restrict_oom_score_adj = true
              disable_apparmor = true
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "%4$s"
                conf_dir = "%5$s"
              [plugins."io.containerd.grpc.v1.cri".registry]
                config_path = "%6$s"
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                  BinaryName = "%8$s/runc"
            """.formatted(
                        dirs().state(),
                        dirs().run(),
                        dirs().socket(),
                        dirs().cniBin(),
                        dirs().cniConf(),
                        dirs().hosts(),
                        Registry.ADDRESS,
                        bin);
    }
}
