package dev.coracle.e2e;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Everything that a test of the daemon needs, set up and running: a node, a registry with the test images, the daemon, a client. */
public final class Rig implements AutoCloseable {
    private static final String BRIDGE = "e2e0";

    private final Node node;
    private final NodeProcess registry;
    private final Daemon daemon;
    private final CriClient client;
    private final Set<String> podCgroups = ConcurrentHashMap.newKeySet();

    private Rig(Node node, NodeProcess registry, Daemon daemon, CriClient client) {
        this.node = node;
        this.registry = registry;
        this.daemon = daemon;
        this.client = client;
    }

    /** Sets all up in a new folder below this one, with the daemon that system property coracle.e2e.runtime names. */
    public static Rig start(Path below) {
        return start(below, Daemon::underTest);
    }

    /** Sets all up in a new folder below this one. */
    public static Rig start(Path below, Function<Node, Daemon> runtime) {
        Path content = TestImages.registryContent();
        String name = "coracle-e2e-" + ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime(), 36);
        Node node = Node.make(name, directories(below.toAbsolutePath().resolve(name)));
        try {
            PodCgroup.make(node.cgroupParent() + "/besteffort");
            // made here, as the bridge plugin leaves it for ever once the first pod has come
            node.command("ip", "link", "add", BRIDGE, "type", "bridge").text();
            node.command("ip", "address", "add", "10.88.0.1/16", "brd", "10.88.255.255", "dev", BRIDGE)
                    .text();
            node.command("ip", "link", "set", BRIDGE, "up").text();
            NodeProcess registry = Registry.serve(node, content);
            Daemon daemon = runtime.apply(node);
            daemon.dirs().bridgeNetwork(daemon instanceof Coracle ? Tools.cniVersion() : "1.0.0", BRIDGE);
            daemon.dirs().plainHttp(Registry.ADDRESS);
            daemon.start();
            return new Rig(node, registry, daemon, CriClient.connect(daemon.socket()));
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private static Path directories(Path dir) {
        try {
            return Files.createDirectories(dir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Node node() {
        return node;
    }

    public Daemon daemon() {
        return daemon;
    }

    /** Whether this is Coracle rather than a stand-in: some things only it promises. */
    public boolean isCoracle() {
        return daemon instanceof Coracle;
    }

    public CriClient client() {
        return client;
    }

    /** Starts the daemon again after a test has ended it. */
    public void startDaemon() {
        daemon.start();
        client.reconnect();
    }

    /** A new folder for a test's own files, on the disk, seen by the daemon too. */
    public Path folder(String name) {
        return directories(node.dir().resolve("files").resolve(name + "-" + Long.toString(System.nanoTime(), 36)));
    }

    /** A container of a test image, pulled now if it is not there, or no more: "busybox:1". */
    public Containers container(String image) {
        String name = TestImages.name(image);
        return Containers.of(name).imageId(client.imageId(name).orElseGet(() -> client.pull(name)));
    }

    /** A busybox container that runs a shell script. */
    public Containers busybox(String script) {
        return container("busybox:1").script(script);
    }

    /** A busybox container that does nothing and ends at once when it is told to. */
    public Containers idle() {
        return container("busybox:1").command("/t/pause");
    }

    /** Runs a pod of this node. */
    public RunningPod run(Pods pod) {
        return run(pod.on(node).build());
    }

    public RunningPod run(PodSandboxConfig config) {
        return run(config, "");
    }

    /** Runs a pod of this node by a runtime handler. */
    public RunningPod run(Pods pod, String handler) {
        return run(pod.on(node).build(), handler);
    }

    private RunningPod run(PodSandboxConfig config, String handler) {
        podCgroups.add(config.getLinux().getCgroupParent());
        return RunningPod.run(client, config, handler);
    }

    /** Removes every pod that the daemon has, and the pods' cgroups. */
    public void removeAllPods() {
        if (!daemon.alive()) {
            startDaemon();
        }
        for (PodSandbox pod : client.pods()) {
            client.stopPod(pod.getId());
            client.removePod(pod.getId());
        }
        for (Container container : client.runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()) {
            client.removeContainer(container.getId());
        }
        podCgroups.forEach(PodCgroup::remove);
        podCgroups.clear();
    }

    /** What is on the node now; the daemon and the registry themselves do not count. */
    public HostState state() {
        Set<Long> ours = node.processes()
                .filter(NodeProcess::alive)
                .map(NodeProcess::pid)
                .collect(Collectors.toSet());
        // What makes shims is the daemon's child and comes and goes with it; shims themselves are not.
        for (Long daemon : List.copyOf(ours)) {
            ProcessHandle.of(daemon)
                    .ifPresent(it -> it.children().map(ProcessHandle::pid).forEach(ours::add));
        }
        return HostState.of(node, client.ids(), ours);
    }

    /** The end of what the daemon has logged. */
    public String logTail() {
        List<String> lines = daemon.log().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }

    @Override
    public void close() {
        client.close();
        daemon.close();
        registry.close();
        node.close();
        PodCgroup.removeTree(node.cgroupParent());
    }
}
