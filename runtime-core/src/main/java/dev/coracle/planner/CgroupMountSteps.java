package dev.coracle.planner;

import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Op;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code /sys/fs/cgroup} of version 1 in a cgroup namespace of the container's own: a tmpfs with each hierarchy on a directory
 * named as on the host, whose roots are the container's groups. Confined to one call.
 */
final class CgroupMountSteps {
    private static final Slot TMPFS = new Slot("cgroups");
    private static final Slot HIERARCHY = new Slot("hierarchy");
    private static final Slot TARGET = new Slot("t");
    private static final String DESTINATION = "/sys/fs/cgroup";

    private final SelinuxLabels labels;
    private final Set<MountAttr> attributes;
    private final List<Step> steps = new ArrayList<>();

    private CgroupMountSteps(SelinuxLabels labels, Set<MountAttr> attributes) {
        this.labels = labels;
        this.attributes = attributes;
    }

    static List<Step> of(Slot rootfs, CgroupLayout layout, SelinuxLabels labels, Set<MountAttr> attributes) {
        CgroupMountSteps mounts = new CgroupMountSteps(labels, attributes);
        mounts.build(rootfs, layout);
        return mounts.steps;
    }

    private void build(Slot rootfs, CgroupLayout layout) {
        Map<String, List<String>> options = optionsByName(layout);
        Set<MountAttr> careful = Set.of(MountAttr.NOSUID, MountAttr.NODEV, MountAttr.NOEXEC);
        add(new MountOp.Fsmount("tmpfs", labels.with(List.of("mode=0755")), careful, TMPFS));
        options.keySet().forEach(name -> add(new FileOp.Mkdir(TMPFS, name, 0755)));
        options.forEach(this::link);
        add(new FileOp.Mkdirs(rootfs, DESTINATION, 0755, TARGET));
        add(new MountOp.MoveMount(TMPFS, TARGET, ""));
        options.forEach((name, flags) -> mount(name, flags.isEmpty() ? "cgroup2" : "cgroup", flags));
        if (attributes.contains(MountAttr.RO)) {
            add(new MountOp.MountSetattr(
                    TMPFS, MountDepth.SINGLE, Set.of(MountAttr.RO), Set.of(), PropagationType.KEEP, Slot.NONE));
        }
    }

    /** Name of the directory to the hierarchy's options: its controllers, or none for version 2. */
    private static Map<String, List<String>> optionsByName(CgroupLayout layout) {
        Map<String, List<String>> options = new TreeMap<>();
        layout.hierarchies().forEach((controller, mountPoint) -> {
            List<String> all = options.computeIfAbsent(lastElement(mountPoint), name -> new ArrayList<>());
            if (controller.startsWith("name=")) {
                all.add("none");
            }
            all.add(controller);
        });
        if (layout instanceof CgroupLayout.Hybrid hybrid) {
            options.put(lastElement(hybrid.unified()), List.of());
        }
        return options;
    }

    private static String lastElement(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Programs look for {@code cpu} where the directory is called {@code cpu,cpuacct}. */
    private void link(String name, List<String> controllers) {
        for (String controller : controllers) {
            if (controllers.size() > 1 && !controller.equals("none") && !controller.startsWith("name=")) {
                add(new FileOp.Symlink(name, TMPFS, controller));
            }
        }
    }

    private void mount(String name, String type, List<String> flags) {
        add(new MountOp.Fsmount(type, flags, attributes, HIERARCHY));
        add(new MountOp.MoveMount(HIERARCHY, TMPFS, name));
    }

    private void add(Op op) {
        steps.add(Step.at(StartPlan.PLACE, op));
    }
}
