package dev.coracle.pod;

import dev.coracle.cdi.CdiDevices;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.linux.Flock;
import dev.coracle.net.PodNetwork;
import dev.coracle.planner.Handlers;
import dev.coracle.planner.Host;
import dev.coracle.pod.PodTable.Held;
import dev.coracle.shim.Session;
import dev.coracle.shim.ShimEvents;
import dev.coracle.shim.Shims;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.store.Epitaphs;
import dev.coracle.store.RunDirectory;
import dev.coracle.store.StorePaths;
import dev.coracle.store.WritableLayers;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The pods of this node, and what they need of it. Any thread; what is shared is in {@link PodTable} and in the pods. */
public final class NodePods implements Pods, AutoCloseable {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration EPITAPHS_EVERY = Duration.ofSeconds(1);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Site site;
    private final PodTable table;
    private final Operations operations;
    private final UpdateContainer update;
    private final Sessions sessions;
    private final ExecSync exec;
    private final NodeUsages usages;
    private final PodSockets sockets;

    /**
     * What is given from outside.
     *
     * @param shims makes the shims, which tell their news to what it is given
     */
    public record Parts(
            Host host,
            Handlers handlers,
            StorePaths paths,
            Roots roots,
            PodNetwork network,
            Function<ShimEvents, Shims> shims) {}

    NodePods(Site site) {
        this.site = site;
        this.table = site.table();
        this.operations = new Operations(site);
        this.update = new UpdateContainer(site);
        this.usages = new NodeUsages(site);
        this.sessions = new Sessions(site);
        this.exec = new ExecSync(sessions);
        this.sockets = new PodSockets(site);
        site.node().connections().hear(table, operations);
    }

    /**
     * Takes over what an earlier daemon left, and returns when clients can be served.
     *
     * @throws Unavailable if another daemon has one of the directories
     */
    public static NodePods open(Parts parts) {
        StorePaths paths = parts.paths();
        Flock run = lock(paths.runLock());
        Flock state = lock(paths.stateLock());
        String boot = read(BOOT_ID);
        Epitaphs epitaphs = new Epitaphs(paths, EPITAPHS_EVERY);
        epitaphs.start();
        WritableLayers layers = new WritableLayers(paths);
        layers.start();
        Connections connections = new Connections();
        Shims shims = parts.shims().apply(connections);
        CdiDevices devices = new CdiDevices(CdiDevices.DIRECTORIES);
        Node node = new Node(
                parts.host(),
                parts.handlers(),
                boot,
                Clock.SYSTEM,
                paths,
                new RunDirectory(paths),
                epitaphs,
                layers,
                parts.roots(),
                shims,
                connections,
                parts.network(),
                devices);
        NodePods pods = new NodePods(Site.on(node));
        pods.open.addAll(List.of(shims, layers, epitaphs, devices, state, run));
        pods.recover(boot.equals(readIfThere(paths.bootId())));
        return pods;
    }

    private static Flock lock(Path file) {
        try {
            Files.createDirectories(file.getParent());
            return Flock.tryLock(file)
                    .orElseThrow(() -> new Unavailable("use " + file.getParent(), "another daemon uses it"));
        } catch (IOException e) {
            throw new Unavailable("use " + file.getParent(), String.valueOf(e.getMessage()), e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new Unavailable("read " + file, String.valueOf(e.getMessage()), e);
        }
    }

    private static String readIfThere(Path file) {
        return Files.exists(file) ? read(file) : "";
    }

    private void recover(boolean sameBoot) {
        Node node = site.node();
        try {
            Files.createDirectories(node.paths().pods());
            new Recovery(site, operations).run(sameBoot);
            Files.writeString(node.paths().bootId(), node.boot());
        } catch (IOException e) {
            throw new Unavailable("use " + node.paths().run(), String.valueOf(e.getMessage()), e);
        }
        open.addFirst(Housekeeping.start(site));
        Thread sampling = Thread.ofVirtual().name("sampling").start(usages::sampleForEver);
        open.addFirst(sampling::interrupt);
    }

    @Override
    public PodId runSandbox(SandboxSpec spec) {
        return operations.runPod().run(spec);
    }

    @Override
    public void stopSandbox(String id, Cancellation cancellation) {
        table.pod(id).ifPresent(pod -> operations.stopPod().stop(pod, cancellation));
    }

    @Override
    public void removeSandbox(String id, Cancellation cancellation) {
        table.pod(id).ifPresent(pod -> operations.removePod().remove(pod, cancellation));
    }

    @Override
    public void updateSandbox(String id, Resources overhead, Resources resources) {
        Pod pod = table.knownPod(snapshot(id).pod().id().value());
        pod.change(desk -> {
            PodRecord now = desk.pod();
            desk.save(
                    now.with(now.overhead().updatedBy(overhead), now.resources().updatedBy(resources)));
        });
        site.memory().note(pod);
    }

    @Override
    public PodRecord sandbox(String id) {
        return snapshot(id).pod();
    }

    @Override
    public List<Listed<PodRecord>> sandboxes() {
        return table.pods().stream()
                .map(pod -> pod.view().listedPod())
                .filter(listed -> listed.record().listed())
                .toList();
    }

    @Override
    public ContainerId createContainer(String podId, ContainerSpec spec) {
        return operations.createContainer().create(table.knownPod(podId), spec);
    }

    @Override
    public void startContainer(String id) {
        Held held = table.knownContainer(id);
        operations.startContainer().start(held.pod(), held.id());
    }

    @Override
    public void stopContainer(String id, Duration grace, Cancellation cancellation) {
        table.container(id)
                .ifPresent(held -> operations.stopContainer().stop(held.pod(), held.id(), grace, cancellation));
    }

    @Override
    public void removeContainer(String id, Cancellation cancellation) {
        table.container(id).ifPresent(held -> operations.removeContainer().remove(held.pod(), held.id(), cancellation));
    }

    @Override
    public void updateContainer(String id, Resources resources) {
        Held held = table.knownContainer(id);
        update.update(held.pod(), held.id(), resources);
        site.memory().note(held.pod());
    }

    @Override
    public void reopenLog(String id) {
        Held held = table.knownContainer(id);
        ReopenLog.reopen(held.pod(), held.id());
    }

    @Override
    public ExecResult execSync(String id, List<String> command, Duration timeout, Cancellation cancellation) {
        Held held = table.knownContainer(id);
        return exec.run(held.pod(), held.id(), new ExecSync.Request(command, timeout), cancellation);
    }

    @Override
    public ContainerId runningContainer(String id) {
        Held held = table.knownContainer(id);
        return Sessions.running(held.pod(), held.id(), "open streams to").id();
    }

    @Override
    public Session exec(StreamSpec.Exec command) {
        return sessions.exec(table.knownContainer(command.container().value()).pod(), command);
    }

    @Override
    public Attached attach(ContainerId id) {
        return Sessions.attach(table.knownContainer(id.value()).pod(), id);
    }

    @Override
    public PodId readySandbox(String id) {
        return PodSockets.ready(table.knownPod(id)).id();
    }

    @Override
    public SocketChannel connect(PodId pod, int port) {
        return sockets.connect(table.knownPod(pod.value()), port);
    }

    @Override
    public ContainerRecord container(String id) {
        return table.knownContainer(id)
                .record()
                .filter(ContainerRecord::listed)
                .orElseThrow(() -> new NotFound("container", id));
    }

    @Override
    public List<Listed<ContainerRecord>> containers() {
        return table.pods().stream()
                .flatMap(pod -> pod.view().listedContainers().stream())
                .filter(listed -> listed.record().listed())
                .toList();
    }

    @Override
    public PodSnapshot snapshot(String podId) {
        View view = table.knownPod(podId).view();
        if (!view.pod().listed()) {
            throw new NotFound("pod sandbox", podId);
        }
        return PodSnapshot.of(view);
    }

    @Override
    public Following follow() {
        return site.announcements().follow();
    }

    @Override
    public Usages usages() {
        return usages;
    }

    @Override
    public Whereabouts whereabouts(String id) {
        Pod pod = table.container(id).map(Held::pod).orElseGet(() -> table.knownPod(id));
        return Whereabouts.of(pod, id, site.node().paths());
    }

    /** Leaves all pods running. */
    @Override
    public void close() {
        for (AutoCloseable each : open) {
            try {
                each.close();
            } catch (Exception e) {
                throw new IllegalStateException("close " + each, e);
            }
        }
    }
}
