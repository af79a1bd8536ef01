package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.linux.MountPoint;
import dev.coracle.linux.MountTable;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.planner.ContainerOrder;
import dev.coracle.planner.ContainerPlanner;
import dev.coracle.planner.ExecOrder;
import dev.coracle.planner.ExecPlanner;
import dev.coracle.planner.Group;
import dev.coracle.planner.Handlers;
import dev.coracle.planner.HookPlanner;
import dev.coracle.planner.Host;
import dev.coracle.planner.HostDevice;
import dev.coracle.planner.Layers;
import dev.coracle.planner.Peering;
import dev.coracle.planner.PodPlace;
import dev.coracle.planner.RelabelRules;
import dev.coracle.planner.ResourcePlanner;
import dev.coracle.planner.SandboxPlanner;
import dev.coracle.planner.SelinuxLabels;
import dev.coracle.planner.Settings;
import dev.coracle.planner.StartFacts;
import dev.coracle.planner.TeardownPlanner;
import dev.coracle.planner.VolumeLayers;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.state.Prepared;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The plans that records come to on this node. Looks up what planners want to know and do not look up themselves; any thread. */
final class Plans {
    private final StorePaths paths;
    private final Handlers handlers;
    private final Roots roots;
    private final TeardownPlanner teardowns;
    private final ResourcePlanner limits;
    private final SeccompFilters filters;
    private final Host host;
    private final HostDevices devices = new HostDevices();
    private final AppArmor apparmor;
    private final Selinux selinux = new Selinux();

    Plans(Host host, Handlers handlers, StorePaths paths, Roots roots) {
        this.paths = paths;
        this.roots = roots;
        this.handlers = handlers;
        this.teardowns = new TeardownPlanner(host);
        this.limits = new ResourcePlanner(host);
        this.host = host;
        this.filters = new SeccompFilters(host);
        this.apparmor = new AppArmor(host);
    }

    /**
     * Makes a pod's namespaces and groups.
     *
     * @throws InvalidSpec also if there is no such runtime handler
     */
    Plan sandbox(PodRecord pod) {
        String handler = pod.spec().runtimeHandler();
        Settings settings = handlers.named(handler)
                .orElseThrow(
                        () -> new InvalidSpec("runtime_handler", "no handler \"" + handler + "\" is configured here"));
        Plan plan = new SandboxPlanner(host, settings)
                .plan(place(pod), filters.ofInit(pod.spec().security()));
        selinux.check(SelinuxLabels.of(place(pod), host));
        return plan;
    }

    /** Has a pod's own files, which its containers share, be such as containers may read. */
    void labelFiles(PodRecord pod) {
        for (Path file : List.of(paths.hostname(pod.id()), paths.hosts(pod.id()), paths.resolvConf(pod.id()))) {
            selinux.label(file, host.selinux().files());
        }
    }

    /** A pod outlives the configuration it was made under; what its handler forbids must not be allowed for want of it. */
    private Settings settings(PodRecord pod, ContainerRecord container) {
        String handler = pod.spec().runtimeHandler();
        return handlers.named(handler)
                .orElseThrow(() -> new Unavailable(
                        "run container " + container.spec().metadata().name(),
                        "the runtime handler \"" + handler
                                + "\" of its pod is not configured any more; configure it, or make the pod anew"));
    }

    private ContainerPlanner containers(PodRecord pod, ContainerRecord container) {
        return new ContainerPlanner(host, settings(pod, container));
    }

    /** Makes a container's root and looks at what it will need. */
    Plan create(PodRecord pod, ContainerRecord container, Roots.Lease lease) {
        Layers layers = new Layers(
                lease.directory(),
                lease.layers(),
                paths.upper(container.id()).toString(),
                paths.work(container.id()).toString(),
                lease.root());
        check(pod, container);
        return containers(pod, container).create(order(pod, container), layers, images(lease));
    }

    private static List<VolumeLayers> images(Roots.Lease lease) {
        return lease.volumes().stream()
                .map(names -> new VolumeLayers(lease.directory(), names))
                .toList();
    }

    /** Only asked where there are any. */
    private List<VolumeLayers> images(ContainerRecord container) {
        List<String> volumes = container.image().volumeIds();
        return volumes.isEmpty()
                ? List.of()
                : images(roots.lease(container.id(), container.image().id(), volumes));
    }

    /** What could not be started is refused while there is nothing to undo. */
    private void check(PodRecord pod, ContainerRecord container) {
        devices.check(container.spec());
        var _ = devices.of(container.edits().devices(), new ResolvedUser(0, 0, List.of(), "/"));
        apparmor.check(container.spec().security());
        selinux.check(SelinuxLabels.of(order(pod, container), host));
    }

    /** What {@link #create} has found out. */
    Prepared prepared(PodRecord pod, ContainerRecord container, Answers answers) {
        return containers(pod, container).prepared(order(pod, container), answers);
    }

    /** What a failure of {@link #create} is to a client. */
    RuntimeFailure failure(PodRecord pod, ContainerRecord container, Plan plan, KernelFailure failure) {
        return ContainerPlanner.failure(order(pod, container), plan, failure);
    }

    /**
     * Gives the volumes whose client asks for it the label of the container's files, which takes as long as there are files.
     *
     * @throws InvalidSpec if a volume is a part of the node that other programs need as it is
     */
    void relabel(PodRecord pod, ContainerRecord container, Prepared prepared) {
        List<MountSpec> mounts = container.effectiveSpec().mounts();
        SelinuxLabels labels = SelinuxLabels.of(order(pod, container), host);
        for (int i = 0; i < mounts.size(); i++) {
            if (labels.confines()
                    && mounts.get(i).selinuxRelabel()
                    && mounts.get(i).image() == null) {
                String source = prepared.sources().get(i).realPath();
                RelabelRules.check(source, "mounts[" + i + "].selinux_relabel");
                selinux.relabel(Path.of(source), labels.files());
            }
        }
    }

    /** Runs a container. */
    Plan start(PodRecord pod, ContainerRecord container, Prepared prepared) {
        ContainerSpec spec = container.effectiveSpec();
        StartFacts facts = new StartFacts(
                prepared,
                peerings(spec, prepared),
                images(container),
                devices(container, prepared, settings(pod, container)),
                filters.of(spec.security()),
                apparmor.profile(spec.security()),
                container.edits().hooks(),
                logPath(pod, container).map(Path::toString).orElse(""));
        return containers(pod, container).start(order(pod, container), facts);
    }

    /** Those of devices first: they take the place of what the client has at the same path. */
    private List<HostDevice> devices(ContainerRecord container, Prepared prepared, Settings settings) {
        List<HostDevice> all = new ArrayList<>(devices.of(container.edits().devices(), prepared.user()));
        all.addAll(devices.of(container.spec(), settings));
        return all;
    }

    /** Has the kernel know the profile that a container runs under; {@code execute} carries a plan out. */
    void loadProfile(ContainerRecord container, Function<Plan, Answers> execute) {
        apparmor.load(container.spec().security(), execute);
    }

    /** What is to be run on the node once a container has ended, if anything is. */
    Optional<Plan> afterEnd(PodRecord pod, ContainerRecord container) {
        return HookPlanner.stopped(order(pod, container), container.edits().hooks());
    }

    /** A command and what the shim knows its process by. */
    record Command(String id, StreamSpec.Exec spec) {}

    /** Runs a command in a container. */
    Plan exec(PodRecord pod, ContainerRecord container, Prepared prepared, Command command) {
        StreamSpec.Streams streams = command.spec().streams();
        return new ExecPlanner(host, handlers.namedOrDefault(pod.spec().runtimeHandler()))
                .plan(new ExecOrder(
                        command.id(),
                        order(pod, container),
                        prepared.user(),
                        command.spec().command(),
                        streams.stdin(),
                        streams.tty(),
                        filters.of(container.spec().security()),
                        apparmor.profile(container.spec().security())));
    }

    /** Kills all that runs in a container. */
    Plan kill(PodRecord pod, ContainerId container) {
        return teardowns.kill(place(pod), container);
    }

    /** Undoes a container. */
    Plan remove(PodRecord pod, ContainerId container) {
        return teardowns.container(place(pod), container);
    }

    /** Undoes a pod with its containers. */
    Plan stop(PodRecord pod, List<ContainerId> containers) {
        return teardowns.pod(place(pod), containers);
    }

    /** Reads the limits of a running container that a change is about; refuses what no container can have. */
    Plan readLimits(PodRecord pod, ContainerRecord container, Resources change) {
        return limits.read(order(pod, container), change);
    }

    /** Changes them. */
    Plan changeLimits(PodRecord pod, ContainerRecord container, Resources change, Answers before) {
        return limits.update(order(pod, container), change, before);
    }

    /** Changes them back. */
    Plan restoreLimits(PodRecord pod, ContainerRecord container, Resources change, Answers before) {
        return limits.restore(order(pod, container), change, before);
    }

    /** The group of a pod, in which those of its containers are. */
    Group group(PodRecord pod) {
        return place(pod).group(host);
    }

    /** The group of a container. */
    Group group(PodRecord pod, ContainerRecord container) {
        return order(pod, container).group(host);
    }

    /** Where a container's log goes; nowhere when either part of the path was not given. */
    static Optional<Path> logPath(PodRecord pod, ContainerRecord container) {
        String directory = pod.spec().logDirectory();
        String file = container.spec().logPath();
        return directory.isEmpty() || file.isEmpty()
                ? Optional.empty()
                : Optional.of(Path.of(directory).resolve(file));
    }

    private PodPlace place(PodRecord pod) {
        return new PodPlace(
                pod.id(),
                pod.spec(),
                paths.pod(pod.id()).toString(),
                paths.netns(pod.id()).toString());
    }

    private ContainerOrder order(PodRecord pod, ContainerRecord container) {
        return new ContainerOrder(
                container.id(),
                place(pod),
                container.effectiveSpec(),
                container.image().config());
    }

    /** Only looked up where it matters: the table has thousands of lines on some nodes. */
    private static List<Peering> peerings(ContainerSpec spec, Prepared prepared) {
        List<MountSpec> mounts = spec.mounts();
        if (mounts.stream().allMatch(mount -> mount.propagation() == Propagation.PRIVATE)) {
            return mounts.stream().map(_ -> Peering.PRIVATE).toList();
        }
        try {
            MountTable table = MountTable.read();
            return prepared.sources().stream()
                    .map(source -> peering(table.holding(Path.of(source.realPath()))))
                    .toList();
        } catch (IOException e) {
            throw new Unavailable("read the node's mounts", String.valueOf(e.getMessage()), e);
        }
    }

    private static Peering peering(MountPoint mount) {
        return switch (mount.propagation()) {
            case SHARED -> Peering.SHARED;
            case SLAVE -> Peering.SLAVE;
            case PRIVATE, UNBINDABLE -> Peering.PRIVATE;
        };
    }
}
