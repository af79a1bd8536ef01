package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.ImageVolumeFailed;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.Slot;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import dev.coracle.spec.UserNamespace;
import dev.coracle.state.Prepared;
import dev.coracle.state.VolumeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plans for the two halves of a container's beginning: {@link #create} makes its root and looks at what it will need, {@link
 * #start} does everything else. Immutable; any thread.
 */
public final class ContainerPlanner {
    private static final String SOURCE = "mount";

    private final Host host;
    private final Settings settings;

    public ContainerPlanner(Host host, Settings settings) {
        this.host = host;
        this.settings = settings;
    }

    /**
     * Makes the overlay, which the shim keeps, reads the image's users, and looks at the volumes' sources.
     *
     * @param images the images of the spec's mounts that name one, in their order
     * @throws InvalidSpec if the spec contradicts itself; all that can be known before the start is checked here
     * @throws Unsupported if the spec wants what this host cannot do
     */
    public Plan create(ContainerOrder order, Layers layers, List<VolumeLayers> images) {
        check(order);
        Plan.Builder plan = Plan.titled("create " + order.title());
        Iterator<VolumeLayers> each = images.iterator();
        for (int i = 0; i < order.spec().mounts().size(); i++) {
            MountSpec mount = order.spec().mounts().get(i);
            Slot source = new Slot("source" + i);
            if (mount.image() == null) {
                Set<OpenFlag> flags = Set.of(OpenFlag.PATH);
                plan.host(new FileOp.Open(Slot.NONE, mount.hostPath(), flags, 0, source), Errno.ENOENT, Errno.ENOTDIR);
            } else {
                ImageVolumeSteps image = new ImageVolumeSteps(
                        each.next(), host, SelinuxLabels.of(order, host), Set.of(), view(mount.image(), source));
                lookInto(plan, image, mount.image().subPath(), source);
            }
            plan.host(new FileOp.Stat(source, sourceAnswer(i)));
            plan.host(new FileOp.Close(source));
        }
        plan.addAll(RootSteps.of(order, layers, host));
        return plan.build();
    }

    /** Made once more at the start: to know now whether it can be, and whether the path is there, costs next to nothing. */
    private static void lookInto(Plan.Builder plan, ImageVolumeSteps image, String subPath, Slot source) {
        image.plain().forEach(plan::host);
        if (!subPath.isEmpty()) {
            Set<OpenFlag> flags = Set.of(OpenFlag.PATH);
            plan.host(
                    new FileOp.Openat2(image.made(), subPath, flags, source), Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP);
            plan.host(new FileOp.Close(image.made()));
        }
    }

    private static Slot view(ImageVolume image, Slot source) {
        return image.subPath().isEmpty() ? source : new Slot("in" + source.name());
    }

    private static String sourceAnswer(int index) {
        return SOURCE + index;
    }

    /**
     * What the answers to {@link #create} come to.
     *
     * @throws InvalidSpec if a volume's source is missing, or a user or group is not in the image
     */
    public Prepared prepared(ContainerOrder order, Answers answers) {
        List<VolumeSource> sources = new ArrayList<>();
        for (int i = 0; i < order.spec().mounts().size(); i++) {
            MountSpec mount = order.spec().mounts().get(i);
            String field = "mounts[" + i + "].host_path";
            sources.add(answers.stat(sourceAnswer(i))
                    .map(stat -> new VolumeSource(stat.realPath(), stat.isDirectory()))
                    .orElseThrow(() -> missing(mount, field)));
        }
        AccountFiles files = AccountFiles.of(bytes(answers, RootSteps.PASSWD), bytes(answers, RootSteps.GROUP));
        ResolvedUser user = UserResolver.resolve(
                order.spec().security().user(), order.image().user(), files);
        checkMapped(user, order.userNamespace());
        return new Prepared(user, sources);
    }

    /**
     * What a failure of {@link #create} is to a client: of a step for an image that is a volume, one that a kubelet knows as such.
     *
     * @param plan the plan that failed
     */
    public static RuntimeFailure failure(ContainerOrder order, Plan plan, KernelFailure failure) {
        for (int i = Math.max(failure.index(), 0); i < plan.steps().size(); i++) {
            if (plan.steps().get(i).op() instanceof FileOp.Stat stat
                    && stat.answer().startsWith(SOURCE)) {
                int mount = Integer.parseInt(stat.answer().substring(SOURCE.length()));
                return failure(order.spec().mounts().get(mount), failure);
            }
        }
        return failure;
    }

    private static RuntimeFailure failure(MountSpec mount, KernelFailure failure) {
        return mount.image() == null
                ? failure
                : new ImageVolumeFailed(title(mount), String.valueOf(failure.getMessage()), failure);
    }

    private static String title(MountSpec mount) {
        return "mount image " + Objects.requireNonNull(mount.image()).image() + " at " + mount.containerPath();
    }

    private static RuntimeFailure missing(MountSpec mount, String field) {
        ImageVolume image = mount.image();
        return image == null
                ? new InvalidSpec(field, mount.hostPath() + " does not exist on this node")
                : new ImageVolumeFailed(title(mount), "there is no " + image.subPath() + " in it");
    }

    /** The kernel would say EINVAL when the process is to become what its user namespace does not have. */
    private static void checkMapped(ResolvedUser user, @Nullable UserNamespace namespace) {
        if (namespace == null) {
            return;
        }
        boolean groups =
                Stream.concat(Stream.of(user.gid()), user.groups().stream()).allMatch(namespace::hasGroup);
        if (!namespace.hasUser(user.uid()) || !groups) {
            throw new InvalidSpec(
                    "linux.security_context.run_as_user",
                    "user " + user.uid() + " with groups " + user.groups()
                            + " is not within the pod's user namespace, whose ids end before "
                            + namespace.uids().getFirst().length());
        }
    }

    private static byte[] bytes(Answers answers, String name) {
        return answers.read(name).orElse(Bytes.EMPTY).toByteArray();
    }

    /**
     * Refuses what would silently stay private: a mount event crosses only where the source's own mount passes it on.
     *
     * @param peerings one for each mount of the spec
     */
    public static void checkPropagation(ContainerOrder order, List<Peering> peerings) {
        for (int i = 0; i < order.spec().mounts().size(); i++) {
            MountSpec mount = order.spec().mounts().get(i);
            boolean reachable = mount.image() != null
                    || switch (mount.propagation()) {
                        case PRIVATE -> true;
                        case HOST_TO_CONTAINER -> peerings.get(i) != Peering.PRIVATE;
                        case BIDIRECTIONAL -> peerings.get(i) == Peering.SHARED;
                    };
            if (!reachable) {
                String wanted = mount.propagation() == Propagation.BIDIRECTIONAL ? "shared" : "shared or slave";
                throw new InvalidSpec(
                        "mounts[" + i + "].propagation",
                        mount.hostPath() + " is not on a " + wanted + " mount of this node, so " + mount.propagation()
                                + " cannot hold; mount --make-rshared there first");
            }
        }
    }

    /**
     * Runs the container.
     *
     * @throws InvalidSpec as {@link #create}, and if a volume's source does not propagate as asked
     */
    public Plan start(ContainerOrder order, StartFacts facts) {
        checkPropagation(order, facts.peerings());
        return new StartPlan(order, facts, host, settings).build(mounts(order));
    }

    /** Everything that a start would refuse, while there is still nothing to undo. */
    private void check(ContainerOrder order) {
        ContainerSecurity security = order.spec().security();
        if (security.privileged() && !order.pod().spec().security().privileged()) {
            throw new InvalidSpec(
                    "linux.security_context.privileged", "the pod was not made for privileged containers");
        }
        ResolvedUser nobodyYet = new ResolvedUser(0, 0, List.of(), "/");
        Environment environment = new Environment(order, nobodyYet, order.spec().tty(), host);
        CommandLine.attempts(CommandLine.of(order.spec(), order.image()).getFirst(), environment.path(), "command");
        Grant.of(security, host);
        Limits.of(order.group(host), resources(order, settings), host);
        NamespaceRules.check(order);
        ProfileRules.check(security, host);
        MountRules.check(order.spec().mounts(), order.userNamespace());
        mounts(order);
    }

    static Resources resources(ContainerOrder order, Settings settings) {
        Resources asked = order.spec().resources();
        return asked.pidsLimit() == 0 ? asked.withPidsLimit(settings.pidsLimit()) : asked;
    }

    /**
     * Which mounts a container gets, in order: the kernel's file systems, then files of the pod and volumes from the root
     * downwards. A volume takes the place of the default at its path, and a volume at {@code /dev} or {@code /sys} of all below
     * too. What is mounted at or above a path that the image wants to write to takes that path's place.
     */
    List<ContainerMount> mounts(ContainerOrder order) {
        List<ContainerMount> asked = volumes(order);
        List<ContainerMount> all = new ArrayList<>();
        for (ContainerMount mount : kernelMounts(order)) {
            if (asked.stream().noneMatch(volume -> hides(volume, mount))) {
                all.add(mount);
            }
        }
        List<ContainerMount> rest = new ArrayList<>();
        for (ContainerMount file : podFiles(order)) {
            if (asked.stream().noneMatch(volume -> volume.destination().equals(file.destination()))) {
                rest.add(file);
            }
        }
        rest.addAll(asked);
        rest.addAll(
                imageVolumes(order, Stream.concat(all.stream(), rest.stream()).toList()));
        rest.sort(Comparator.comparingLong(mount -> ContainerPath.depth(mount.destination())));
        all.addAll(rest);
        return all;
    }

    private static boolean hides(ContainerMount volume, ContainerMount kernelMount) {
        return ContainerPath.within(kernelMount.destination(), volume.destination());
    }

    private List<ContainerMount> kernelMounts(ContainerOrder order) {
        boolean privileged = order.spec().security().privileged();
        boolean hostIpc = order.pod().spec().security().namespaces().hostIpc();
        return List.of(
                new ContainerMount.Proc(),
                sysfs(order),
                new ContainerMount.Cgroups(!privileged && !writableCgroups(), privileged),
                new ContainerMount.Dev(),
                new ContainerMount.Pts(),
                new ContainerMount.Mqueue(),
                new ContainerMount.Shm(hostIpc));
    }

    /** Version 2 only, which keeps the limits of a namespace's own group out of its reach. Version 1 has nothing like that. */
    private boolean writableCgroups() {
        return settings.cgroupWritable() && host.cgroups() instanceof CgroupLayout.V2;
    }

    /** Who is not in the user namespace that a network belongs to may not mount what shows it: it gets the host's. */
    private static ContainerMount sysfs(ContainerOrder order) {
        boolean hosts = order.userNamespace() != null
                && order.pod().spec().security().namespaces().hostNetwork();
        return new ContainerMount.Sysfs(hosts || !order.spec().security().privileged(), hosts);
    }

    private static List<ContainerMount> podFiles(ContainerOrder order) {
        boolean readonly = order.spec().security().readonlyRootfs();
        return List.of(
                new ContainerMount.PodFile("resolv.conf", "/etc/resolv.conf", readonly),
                new ContainerMount.PodFile("hosts", "/etc/hosts", readonly),
                new ContainerMount.PodFile("hostname", "/etc/hostname", readonly));
    }

    private static List<ContainerMount> imageVolumes(ContainerOrder order, List<ContainerMount> mounted) {
        boolean apart = order.spec().security().readonlyRootfs();
        return order.image().volumes().stream()
                .map(path -> ContainerPath.clean(path, "volumes of the image"))
                .distinct()
                .filter(path -> !path.equals("/"))
                .filter(path -> mounted.stream().noneMatch(mount -> ContainerPath.within(path, mount.destination())))
                .map(path -> (ContainerMount) new ContainerMount.ImageVolume(path, apart))
                .toList();
    }

    private static List<ContainerMount> volumes(ContainerOrder order) {
        List<ContainerMount> volumes = new ArrayList<>();
        for (int i = 0; i < order.spec().mounts().size(); i++) {
            MountSpec mount = order.spec().mounts().get(i);
            String destination = ContainerPath.clean(mount.containerPath(), "mounts[" + i + "].container_path");
            volumes.add(new ContainerMount.Volume(i, mount, destination));
        }
        return volumes;
    }
}
