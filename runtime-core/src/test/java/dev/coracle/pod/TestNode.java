package dev.coracle.pod;

import dev.coracle.cdi.CdiDevices;
import dev.coracle.planner.Handlers;
import dev.coracle.planner.Hosts;
import dev.coracle.planner.Layers;
import dev.coracle.shim.ShimEvents;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PlainContainer;
import dev.coracle.spec.PodId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.UserRequest;
import dev.coracle.state.ContainerImage;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import dev.coracle.state.Prepared;
import dev.coracle.store.Epitaphs;
import dev.coracle.store.Records;
import dev.coracle.store.RunDirectory;
import dev.coracle.store.StorePaths;
import dev.coracle.store.WritableLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A node for pods whose shims and network do nothing: records and all decisions are real. */
final class TestNode {
    static final Prepared PREPARED = new Prepared(new ResolvedUser(0, 0, List.of(), "/"), List.of());
    static final ContainerId CONTAINER = new ContainerId("a".repeat(64));
    static final PodId POD = new PodId("1".repeat(64));

    final FakeShims shims = new FakeShims();
    final FakeNetwork network = new FakeNetwork();
    final AtomicLong monotonic = new AtomicLong(1_000_000_000L);
    final Connections connections = new Connections();
    final Site site;
    final Operations operations;
    private final StorePaths paths;

    TestNode(Path directory) {
        this(directory, UnaryOperator.identity());
    }

    /** With something between the pods and their records. */
    TestNode(Path directory, UnaryOperator<Records> kept) {
        paths = new StorePaths(directory.resolve("run"), directory.resolve("state"));
        try {
            Files.createDirectories(paths.pods());
            for (String name : List.of("past", "writable", "discarded")) {
                Files.createDirectories(directory.resolve("state").resolve(name));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        site = Site.on(new Node(
                Hosts.usual(),
                Handlers.DEFAULT,
                "boot",
                new Clock() {
                    @Override
                    public long realtime() {
                        return Clock.SYSTEM.realtime();
                    }

                    @Override
                    public long monotonic() {
                        return monotonic.get();
                    }
                },
                paths,
                kept.apply(new RunDirectory(paths)),
                new Epitaphs(paths, Duration.ofSeconds(1)),
                new WritableLayers(paths),
                new NoRoots(),
                shims,
                connections,
                network,
                new CdiDevices(List.of())));
        operations = new Operations(site);
        connections.hear(site.table(), operations);
    }

    /** As those of a real daemon tell it. */
    ShimEvents events() {
        return connections;
    }

    /** What a daemon does when it starts on this node. */
    void recover() {
        new Recovery(site, operations).run(true);
    }

    /** What the shim wrote about the container's end. */
    void exited(String line) throws IOException {
        Path file = paths.exit(POD, CONTAINER);
        Files.createDirectories(file.getParent());
        Files.writeString(file, line);
    }

    /** Leaves records as an earlier daemon would have. */
    void left(PodState state, ContainerState... containers) {
        PodRecord pod = PodRecord.intended(POD, sandbox("web"), 1).with(state);
        site.node().records().begin(pod);
        site.node().records().save(pod);
        for (ContainerState container : containers) {
            ContainerRecord record = container(container);
            site.node().records().begin(record);
            site.node().records().save(record);
        }
    }

    /** A pod of this daemon's own with one container. */
    Pod pod(PodState state, ContainerState container) {
        PodRecord record = PodRecord.intended(POD, sandbox("web"), 1).with(state);
        site.node().records().begin(record);
        site.node().records().begin(container(container));
        Pod pod = new Pod(
                View.of(record, List.of(container(container))), site.node().records(), site.announcements());
        pod.connected(shims.open(POD, paths.pod(POD)));
        return site.table().claim(pod);
    }

    FakeShim shim(PodId pod) {
        return (FakeShim) shims.open(pod, paths.pod(pod));
    }

    static ContainerRecord container(ContainerState state) {
        return container(CONTAINER, POD, state);
    }

    static ContainerRecord container(ContainerId id, PodId pod, ContainerState state) {
        ImageConfig config =
                new ImageConfig("", List.of(), List.of("/start"), List.of(), "/", null, List.of(), Map.of());
        return ContainerRecord.intended(
                        id,
                        pod,
                        PlainContainer.spec(),
                        new ContainerImage("sha256:1", "x@sha256:2", config, List.of()),
                        2)
                .with(state);
    }

    static SandboxSpec sandbox(String name) {
        return sandbox(name, "/kubepods/podx");
    }

    static SandboxSpec sandbox(String name, String cgroupParent) {
        return new SandboxSpec(
                new PodMetadata(name, "uid-1", "default", 0),
                name,
                "",
                null,
                List.of(),
                Map.of(),
                Map.of(),
                cgroupParent,
                Map.of(),
                new SandboxSecurity(
                        NamespaceModes.pod(),
                        null,
                        UserRequest.NONE,
                        false,
                        false,
                        SecurityProfile.UNCONFINED,
                        SecurityProfile.UNCONFINED),
                Resources.NONE,
                Resources.NONE,
                "");
    }

    /** A call of a client, on a thread of its own. */
    static CompletableFuture<String> call(Runnable call) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                call.run();
                answer.complete("done");
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private static final class NoRoots implements Roots {
        @Override
        public Lease lease(ContainerId container, String image, List<String> volumes) {
            ImageConfig config =
                    new ImageConfig("", List.of(), List.of("/start"), List.of(), "/", null, List.of(), Map.of());
            return new Lease(
                    new ContainerImage("sha256:1", "x@sha256:2", config, List.of()),
                    "/layers",
                    List.of("1"),
                    new Layers.Root(0755, 0, 0),
                    List.of());
        }

        @Override
        public void release(ContainerId container) {}
    }
}
