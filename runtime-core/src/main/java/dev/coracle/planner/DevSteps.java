package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.NodeType;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A container's {@code /dev}, filled through its descriptor before it can be seen. Confined to one call. */
final class DevSteps {
    private static final Slot DEV = new Slot("dev");
    private static final Slot TARGET = new Slot("t");
    private static final Slot NODE = new Slot("node");
    private static final String DESTINATION = "/dev";
    private static final int MODE = 0666;

    /** Name to minor number; all but tty have major number 1. */
    private static final Map<String, Integer> NODES = new LinkedHashMap<>();

    static {
        NODES.put("null", 3);
        NODES.put("zero", 5);
        NODES.put("full", 7);
        NODES.put("random", 8);
        NODES.put("urandom", 9);
    }

    private final Slot rootfs;
    private final SelinuxLabels labels;
    private final boolean bound;
    private final Set<String> filled = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();

    private DevSteps(Slot rootfs, SelinuxLabels labels, boolean bound) {
        this.rootfs = rootfs;
        this.labels = labels;
        this.bound = bound;
    }

    /** Makes it. In a user namespace no node can be made: there they are the host's own, attached on files. */
    static List<Step> of(ContainerOrder order, SelinuxLabels labels, List<HostDevice> devices) {
        DevSteps dev = new DevSteps(Kept.rootfs(order.id()), labels, order.userNamespace() != null);
        dev.build(devices);
        return dev.steps;
    }

    private void build(List<HostDevice> devices) {
        Set<MountAttr> attributes = Set.of(MountAttr.NOSUID, MountAttr.STRICTATIME);
        List<String> parameters = labels.with(List.of("mode=0755", "size=65536k"));
        add(new MountOp.Fsmount("tmpfs", parameters, attributes, DEV));
        if (!bound) {
            NODES.forEach((name, minor) -> add(new FileOp.Mknod(DEV, name, NodeType.C, MODE, 1, minor)));
            add(new FileOp.Mknod(DEV, "tty", NodeType.C, MODE, 5, 0));
        }
        for (String directory : List.of("pts", "shm", "mqueue")) {
            add(new FileOp.Mkdir(DEV, directory, 0755));
        }
        add(new FileOp.Symlink("pts/ptmx", DEV, "ptmx"));
        add(new FileOp.Symlink("/proc/self/fd", DEV, "fd"));
        add(new FileOp.Symlink("/proc/self/fd/0", DEV, "stdin"));
        add(new FileOp.Symlink("/proc/self/fd/1", DEV, "stdout"));
        add(new FileOp.Symlink("/proc/self/fd/2", DEV, "stderr"));
        add(new FileOp.Symlink("/proc/kcore", DEV, "core"));
        add(new FileOp.Mkdirs(rootfs, DESTINATION, 0755, TARGET));
        add(new MountOp.MoveMount(DEV, TARGET, ""));
        if (bound) {
            NODES.keySet().forEach(name -> bind(DESTINATION + "/" + name, MappedBirth.DEVICES + name));
            bind(DESTINATION + "/tty", MappedBirth.DEVICES + "tty");
            devices.forEach(this::bind);
        } else {
            devices.forEach(this::device);
        }
    }

    private void bind(HostDevice device) {
        if (!device.hostPath().startsWith(MappedBirth.DEVICES)) {
            throw new InvalidSpec(
                    "devices",
                    device.hostPath() + " is not below /dev, as devices of a pod with a user namespace must be");
        }
        bind(ContainerPath.clean(device.containerPath(), "devices"), device.hostPath());
    }

    /** One that the container has already stays. */
    private void bind(String path, String source) {
        if (!filled.add(path)) {
            return;
        }
        add(new MountOp.OpenTree(Slot.NONE, source, Set.of(TreeFlag.CLONE), NODE));
        add(new FileOp.Mkfile(rootfs, path, MODE, TARGET));
        add(new MountOp.MoveMount(NODE, TARGET, ""));
    }

    /** One that the container has already stays: a default node, or the first of two for one path. */
    private void device(HostDevice device) {
        String path = ContainerPath.clean(device.containerPath(), "devices");
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        add(new FileOp.Mkdirs(rootfs, slash == 0 ? "/" : path.substring(0, slash), 0755, TARGET));
        NodeType type = device.kind() == DeviceKind.BLOCK ? NodeType.B : NodeType.C;
        Op make = new FileOp.Mknod(TARGET, name, type, device.mode(), device.major(), device.minor());
        steps.add(Step.at(StartPlan.PLACE, make, Errno.EEXIST));
        if (device.uid() != 0 || device.gid() != 0) {
            add(new FileOp.Open(TARGET, name, Set.of(OpenFlag.PATH, OpenFlag.NOFOLLOW), 0, NODE));
            add(new FileOp.Fchown(NODE, device.uid(), device.gid()));
        }
    }

    private void add(Op op) {
        steps.add(Step.at(StartPlan.PLACE, op));
    }
}
