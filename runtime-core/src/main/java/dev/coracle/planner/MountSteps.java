package dev.coracle.planner;

import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.UserNamespace;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How each mount of a container is made. What is the host's is opened on the host side before the container's process is there,
 * so that it keeps its peer group; the kernel's own file systems are made inside, because they show the namespaces of who makes
 * them; and every target is opened within the root by descriptor. Confined to one call.
 */
final class MountSteps {
    private static final Set<MountAttr> CAREFUL = Set.of(MountAttr.NOSUID, MountAttr.NODEV, MountAttr.NOEXEC);
    private static final Slot TARGET = new Slot("t");
    private static final Slot NOTHING = new Slot("nothing");
    private static final Slot HOST_CGROUPS = new Slot("hostcgroups");
    private static final Slot VOLUME = new Slot("volume");
    private static final Slot HOST_SYS = new Slot("hostsysfs");
    /** In a pod with a user namespace of its own it is filled before {@link #inside}. */
    static final Slot SHM = new Slot("shm");

    private static final int TTY_GROUP = 5;
    private static final int MODE = 0755;
    private static final int FILE_MODE = 0644;

    private final ContainerOrder order;
    private final StartFacts facts;
    private final Host host;
    private final Slot rootfs;
    private final SelinuxLabels labels;
    private final List<Step> steps = new ArrayList<>();

    MountSteps(ContainerOrder order, StartFacts facts, Host host) {
        this.order = order;
        this.facts = facts;
        this.host = host;
        this.rootfs = Kept.rootfs(order.id());
        this.labels = SelinuxLabels.of(order, host);
    }

    /** Before the container's process is made. */
    List<Step> hostSide(List<ContainerMount> mounts) {
        steps.clear();
        // also where a volume covers /dev: terminals are made in it, by descriptor
        openTerminals();
        IdMaps maps = new IdMaps(order.userNamespace());
        for (ContainerMount mount : mounts) {
            switch (mount) {
                case ContainerMount.Volume volume when volume.spec().image() != null -> openImage(volume);
                case ContainerMount.Volume volume -> openVolume(volume, maps);
                case ContainerMount.PodFile file -> openPodFile(file);
                case ContainerMount.Shm(boolean hosts)
                when hosts ->
                    host(new MountOp.OpenTree(Slot.NONE, "/dev/shm", Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE), SHM));
                case ContainerMount.Cgroups(boolean readonly, boolean whole)
                when whole -> openOfTheHost("/sys/fs/cgroup", readonly ? Set.of(MountAttr.RO) : Set.of(), HOST_CGROUPS);
                case ContainerMount.Sysfs(boolean readonly, boolean hosts)
                when hosts -> openOfTheHost("/sys", careful(readonly), HOST_SYS);
                case ContainerMount.Proc _,
                        ContainerMount.Sysfs _,
                        ContainerMount.Cgroups _,
                        ContainerMount.Dev _,
                        ContainerMount.Pts _,
                        ContainerMount.Mqueue _,
                        ContainerMount.Shm _,
                        ContainerMount.ImageVolume _ -> {}
            }
        }
        return List.copyOf(steps);
    }

    /** With the group that terminals have everywhere, where the container has such a group. */
    private void openTerminals() {
        UserNamespace user = order.userNamespace();
        List<String> parameters = new ArrayList<>(List.of("newinstance", "ptmxmode=0666", "mode=0620"));
        if (user == null) {
            parameters.add("gid=" + TTY_GROUP);
        } else if (user.hasGroup(TTY_GROUP)) {
            parameters.add("gid=" + user.hostGid(TTY_GROUP));
        }
        Slot pts = Kept.pts(order.id());
        host(new MountOp.Fsmount("devpts", labels.with(parameters), Set.of(MountAttr.NOSUID, MountAttr.NOEXEC), pts));
        if (user != null) {
            host(new FileOp.Fchown(pts, (int) user.hostUid(0), (int) user.hostGid(0)));
        }
    }

    /** A new mount of cgroup2 by a process in the host's cgroup namespace would reset the options of the host's own. */
    private void openOfTheHost(String path, Set<MountAttr> set, Slot opened) {
        host(new MountOp.OpenTree(Slot.NONE, path, Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE), opened));
        host(new MountOp.MountSetattr(opened, MountDepth.RECURSIVE, set, Set.of(), PropagationType.PRIVATE, Slot.NONE));
    }

    private void openPodFile(ContainerMount.PodFile file) {
        Slot slot = slot(file);
        host(new MountOp.OpenTree(
                Slot.NONE, order.pod().directory() + "/" + file.name(), Set.of(TreeFlag.CLONE), slot));
        Set<MountAttr> set = file.readonly() ? Set.of(MountAttr.RO) : Set.of();
        Slot map = order.userNamespace() == null ? Slot.NONE : Kept.USER;
        host(new MountOp.MountSetattr(slot, MountDepth.SINGLE, set, Set.of(), PropagationType.PRIVATE, map));
    }

    private static Slot slot(ContainerMount.PodFile file) {
        return new Slot(file.name().replace('.', '_'));
    }

    private void openVolume(ContainerMount.Volume volume, IdMaps maps) {
        MountSpec spec = volume.spec();
        steps.addAll(maps.make(spec));
        Slot slot = slot(volume);
        Set<TreeFlag> extent = spec.alone() ? Set.of(TreeFlag.CLONE) : Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE);
        host(new MountOp.OpenTree(Slot.NONE, spec.hostPath(), extent, slot));
        PropagationType propagation = switch (spec.propagation()) {
            case PRIVATE -> PropagationType.PRIVATE;
            case HOST_TO_CONTAINER -> PropagationType.SLAVE;
            // the clone is a peer of its source as it is
            case BIDIRECTIONAL -> PropagationType.KEEP;
        };
        Set<MountAttr> everywhere = spec.recursiveReadonly() ? Set.of(MountAttr.RO) : Set.of();
        Slot map = maps.of(spec);
        if (propagation != PropagationType.KEEP || !everywhere.isEmpty() || !map.isNone()) {
            host(new MountOp.MountSetattr(slot, MountDepth.RECURSIVE, everywhere, Set.of(), propagation, map));
        }
        Set<MountAttr> here = attributes(spec);
        if (!here.isEmpty()) {
            host(new MountOp.MountSetattr(slot, MountDepth.SINGLE, here, Set.of(), PropagationType.KEEP, Slot.NONE));
        }
    }

    private void openImage(ContainerMount.Volume volume) {
        ImageVolumeSteps image = image(volume);
        (order.userNamespace() == null ? image.plain() : image.openMapped(Kept.USER)).forEach(this::host);
    }

    private ImageVolumeSteps image(ContainerMount.Volume volume) {
        int which = (int) order.spec().mounts().subList(0, volume.index()).stream()
                .filter(mount -> mount.image() != null)
                .count();
        return new ImageVolumeSteps(facts.images().get(which), host, labels, attributes(volume.spec()), slot(volume));
    }

    /** In the intermediate of a pod with a user namespace of its own, while it is root of the host and in {@code stage}. */
    List<Op> staged(List<ContainerMount> mounts, Slot stage) {
        return mounts.stream()
                .filter(mount -> mount instanceof ContainerMount.Volume(var _, var spec, var _) && spec.image() != null)
                .flatMap(mount -> image((ContainerMount.Volume) mount).stackMapped(stage).stream())
                .toList();
    }

    /** Of the volume's own mount only. */
    private static Set<MountAttr> attributes(MountSpec spec) {
        EnumSet<MountAttr> attributes = EnumSet.noneOf(MountAttr.class);
        if (spec.readonly() && !spec.recursiveReadonly()) {
            attributes.add(MountAttr.RO);
        }
        spec.options().forEach(option -> attributes.add(MountAttr.valueOf(option.toUpperCase(Locale.ROOT))));
        return attributes;
    }

    private static Slot slot(ContainerMount.Volume volume) {
        return new Slot("v" + volume.index());
    }

    /** In the container's process, with the root attached. */
    List<Step> inside(List<ContainerMount> mounts) {
        steps.clear();
        for (ContainerMount mount : mounts) {
            switch (mount) {
                case ContainerMount.Proc proc -> attachNew("proc", CAREFUL, proc);
                case ContainerMount.Sysfs sysfs when sysfs.host() -> attach(HOST_SYS, sysfs.destination());
                case ContainerMount.Sysfs sysfs -> attachNew("sysfs", careful(sysfs.readonly()), sysfs);
                case ContainerMount.Cgroups cgroups -> attachCgroups(cgroups);
                case ContainerMount.Dev dev -> steps.addAll(DevSteps.of(order, labels, facts.devices()));
                case ContainerMount.Pts pts -> attach(Kept.pts(order.id()), pts.destination());
                case ContainerMount.Mqueue mqueue -> attachNew("mqueue", CAREFUL, mqueue);
                case ContainerMount.Shm shm -> attachShm(shm);
                case ContainerMount.PodFile file -> attachOntoFile(slot(file), file.destination());
                case ContainerMount.ImageVolume volume -> attachImageVolume(volume);
                case ContainerMount.Volume volume -> attachVolume(volume);
            }
        }
        if (order.spec().tty() && mounts.stream().anyMatch(ContainerMount.Pts.class::isInstance)) {
            attachConsole();
        }
        return List.copyOf(steps);
    }

    private static Set<MountAttr> careful(boolean readonly) {
        EnumSet<MountAttr> attributes = EnumSet.copyOf(CAREFUL);
        if (readonly) {
            attributes.add(MountAttr.RO);
        }
        return attributes;
    }

    private void attachNew(String type, Set<MountAttr> attributes, ContainerMount mount) {
        Slot made = new Slot(type);
        inside(new MountOp.Fsmount(type, List.of(), attributes, made));
        attach(made, mount.destination());
    }

    private void attach(Slot mount, String destination) {
        inside(new FileOp.Mkdirs(rootfs, destination, MODE, TARGET));
        inside(new MountOp.MoveMount(mount, TARGET, ""));
    }

    private void attachOntoFile(Slot mount, String destination) {
        inside(new FileOp.Mkfile(rootfs, destination, FILE_MODE, TARGET));
        inside(new MountOp.MoveMount(mount, TARGET, ""));
    }

    private void attachVolume(ContainerMount.Volume volume) {
        ImageVolume image = volume.spec().image();
        Slot source = image == null || image.subPath().isEmpty() ? slot(volume) : part(volume, image.subPath());
        if (facts.prepared().sources().get(volume.index()).directory()) {
            attach(source, volume.destination());
        } else {
            attachOntoFile(source, volume.destination());
        }
    }

    /** A second mount of the same directory, which a later change of the root's mount does not touch. */
    private void attachImageVolume(ContainerMount.ImageVolume volume) {
        inside(new FileOp.Mkdirs(rootfs, volume.destination(), MODE, TARGET));
        if (volume.apart()) {
            inside(new MountOp.OpenTree(TARGET, "", Set.of(TreeFlag.CLONE), VOLUME));
            inside(new MountOp.MoveMount(VOLUME, TARGET, ""));
        }
    }

    /** Before 6.15 only of what is attached a part can be had: here on the old root, with which the whole goes. */
    private Slot part(ContainerMount.Volume volume, String subPath) {
        Slot part = new Slot("part");
        inside(new MountOp.MoveMount(slot(volume), Slot.NONE, SandboxPlanner.SHM_PATH));
        inside(new FileOp.Openat2(slot(volume), subPath, Set.of(OpenFlag.PATH), TARGET));
        inside(new MountOp.OpenTree(TARGET, "", Set.of(TreeFlag.CLONE), part));
        return part;
    }

    private void attachShm(ContainerMount.Shm shm) {
        if (!shm.host() && order.userNamespace() == null) {
            inside(new MountOp.OpenTree(Slot.NONE, SandboxPlanner.SHM_PATH, Set.of(TreeFlag.CLONE), SHM));
        }
        attach(SHM, shm.destination());
    }

    private void attachCgroups(ContainerMount.Cgroups cgroups) {
        if (cgroups.whole()) {
            attach(HOST_CGROUPS, cgroups.destination());
        } else if (host.cgroups() instanceof CgroupLayout.V2) {
            attachNew("cgroup2", careful(cgroups.readonly()), cgroups);
        } else {
            steps.addAll(CgroupMountSteps.of(rootfs, host.cgroups(), labels, careful(cgroups.readonly())));
        }
    }

    /** The terminal itself, by descriptor, so that what the container names {@code /dev/console} is the one it was given. */
    private void attachConsole() {
        Slot console = new Slot("console");
        inside(new MountOp.OpenTree(StreamSteps.PEER, "", Set.of(TreeFlag.CLONE), console));
        attachOntoFile(console, "/dev/console");
    }

    /** Hides what nobody should see, and protects what nobody should change; both apply to mounts that are there by now. */
    List<Step> cover(ContainerSecurity security) {
        steps.clear();
        if (security.privileged()) {
            return List.of();
        }
        if (!security.maskedPaths().isEmpty()) {
            inside(new FileOp.Openat2(rootfs, "/dev/null", Set.of(OpenFlag.PATH), NOTHING));
        }
        security.maskedPaths().forEach(path -> inside(new MountOp.Mask(rootfs, path, NOTHING)));
        security.readonlyPaths().forEach(path -> inside(new MountOp.Readonly(rootfs, path)));
        return List.copyOf(steps);
    }

    private void host(Op op) {
        steps.add(Step.host(op));
    }

    private void inside(Op op) {
        steps.add(Step.at(StartPlan.PLACE, op));
    }
}
