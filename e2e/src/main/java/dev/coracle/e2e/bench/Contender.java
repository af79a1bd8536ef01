package dev.coracle.e2e.bench;

import dev.coracle.e2e.Containers;
import dev.coracle.e2e.CriClient;
import dev.coracle.e2e.DaemonDirs;
import dev.coracle.e2e.Node;
import dev.coracle.e2e.NodeProcess;
import dev.coracle.e2e.Outcome;
import dev.coracle.e2e.PodCgroup;
import dev.coracle.e2e.Pods;
import dev.coracle.e2e.Processes;
import dev.coracle.e2e.Rig;
import dev.coracle.proto.v1.PodSandboxConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One runtime that is measured: started here in a node of its own, or somebody's, at a socket. */
final class Contender implements AutoCloseable {
    /** What containers of the memory benchmark run: not counted. */
    static final String WORKLOAD = "/t/pause";

    private final String name;
    private final CriClient client;
    private final @Nullable Rig rig;
    private final Path logs;
    private final String registry;
    private final Map<String, String> imageIds = new ConcurrentHashMap<>();

    private Contender(String name, CriClient client, @Nullable Rig rig, Path logs, String registry) {
        this.name = name;
        this.client = client;
        this.rig = rig;
        this.logs = logs;
        this.registry = registry;
    }

    static Contender started(String name, Rig rig) {
        return new Contender(
                name, rig.client(), rig, rig.node().dir().resolve("logs"), dev.coracle.e2e.Registry.ADDRESS);
    }

    /** As nodes have them: what is kept for a boot only lies on a tmpfs. */
    static DaemonDirs dirs(Node node) {
        return DaemonDirs.in(node.dir(), runDirectory(node));
    }

    private static Path runDirectory(Node node) {
        return Path.of("/dev/shm", node.name());
    }

    static Contender at(String name, Path socket, Path logs, String registry) {
        return new Contender(name, CriClient.connect(socket), null, logs, registry);
    }

    String name() {
        return name;
    }

    CriClient client() {
        return client;
    }

    /** The full name of a test image. */
    String image(String repositoryAndTag) {
        return registry + "/" + repositoryAndTag;
    }

    Containers container(String repositoryAndTag) {
        String image = image(repositoryAndTag);
        return Containers.of(image).imageId(imageIds.computeIfAbsent(image, client::pull));
    }

    /** Where it runs, if it was started here. */
    Rig rig() {
        if (rig == null) {
            throw new IllegalStateException(name + " runs elsewhere: only what is started here can be measured so");
        }
        return rig;
    }

    void forgetImages() {
        imageIds.clear();
    }

    /** The request for a pod whose cgroup is there already, as a kubelet has made it. */
    PodSandboxConfig pod(Pods pod) {
        PodSandboxConfig config = pod.cgroupParent(parent() + "/besteffort/pod" + pod.uid())
                .logsIn(logs)
                .build();
        PodCgroup.make(config.getLinux().getCgroupParent());
        return config;
    }

    private String parent() {
        return rig == null ? "/coracle-bench" : rig.node().cgroupParent();
    }

    void removed(PodSandboxConfig pod) {
        PodCgroup.remove(pod.getLinux().getCgroupParent());
    }

    /** The daemon's pid, where it was started here. */
    Optional<Long> daemon() {
        return Optional.ofNullable(rig).map(r -> r.daemon().pid());
    }

    /** Processes of the runtime besides the daemon and the registry: shims, monitors, pause processes; not the workload. */
    List<Long> helpers() {
        if (rig == null) {
            return List.of();
        }
        Node node = rig.node();
        Set<Long> mains = node.processes().map(NodeProcess::pid).collect(Collectors.toSet());
        return Processes.of(node).without(mains).all().stream()
                .filter(p -> !p.command().equals(WORKLOAD))
                .map(Processes.Running::pid)
                .toList();
    }

    @Override
    public void close() {
        if (rig == null) {
            client.close();
        } else {
            rig.removeAllPods();
            rig.close();
            Outcome.of(
                            Duration.ofMinutes(1),
                            List.of("rm", "-rf", runDirectory(rig.node()).toString()))
                    .text();
        }
        PodCgroup.removeTree(parent());
    }
}
