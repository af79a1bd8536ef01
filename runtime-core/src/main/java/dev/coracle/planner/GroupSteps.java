package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.GroupOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Steps that make control groups and put processes into them. */
final class GroupSteps {
    private static final List<String> CONTROLLERS = List.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids");
    private static final int MODE = 0755;

    private GroupSteps() {}

    /** Makes a group and all above it where they are missing, ready to have groups of containers below. */
    static List<Step> line(Group group) {
        List<Step> steps = new ArrayList<>();
        if (group.layout() instanceof CgroupLayout.V2 v2) {
            delegate(v2.root(), v2, steps);
        }
        for (Group each : group.line()) {
            for (String directory : each.directories()) {
                steps.add(Step.host(new FileOp.Mkdir(Slot.NONE, directory, MODE), Errno.EEXIST));
            }
            inherit(each, steps);
            if (group.layout() instanceof CgroupLayout.V2 v2) {
                delegate(v2.root() + each.path(), v2, steps);
            }
        }
        return steps;
    }

    /**
     * Lets groups below have limits. Where another program has processes of its own in the group, or has not passed a controller
     * down, this cannot be; what limit then is missing shows when it is set.
     */
    private static void delegate(String directory, CgroupLayout.V2 layout, List<Step> steps) {
        String controllers = CONTROLLERS.stream()
                .filter(layout.controllers()::contains)
                .map(name -> "+" + name)
                .collect(Collectors.joining(" "));
        FileOp.Write write =
                new FileOp.Write(Slot.NONE, directory + "/cgroup.subtree_control", Bytes.utf8(controllers));
        steps.add(Step.host(write, Errno.EBUSY, Errno.ENOENT, Errno.EACCES, Errno.EOPNOTSUPP));
    }

    /** Makes a container's own group with its limits; one that is there already is somebody else's. */
    static List<Step> create(Group group, List<LimitFile> limits) {
        List<Step> steps = new ArrayList<>();
        for (String directory : group.directories()) {
            steps.add(Step.host(new FileOp.Mkdir(Slot.NONE, directory, MODE)));
        }
        inherit(group, steps);
        limits.forEach(limit -> steps.add(limit.write()));
        return steps;
    }

    private static void inherit(Group group, List<Step> steps) {
        if (!(group.layout() instanceof CgroupLayout.V2)) {
            group.directory("cpuset")
                    .ifPresent(directory -> steps.add(Step.host(new GroupOp.CpusetInherit(directory))));
        }
    }

    /** Confines a group to these devices. */
    static List<Step> devices(Group group, Slot unified, List<DeviceRule> rules) {
        if (group.layout() instanceof CgroupLayout.V2) {
            return List.of(Step.host(new GroupOp.DeviceFilter(unified, DeviceProgram.of(rules))));
        }
        List<Step> steps = new ArrayList<>();
        group.directory("devices").ifPresent(directory -> {
            steps.add(new LimitFile(directory, "devices.deny", "a", false).write());
            for (DeviceRule rule : rules) {
                steps.add(new LimitFile(directory, "devices.allow", rule.line(), false).write());
            }
        });
        return steps;
    }

    /** Opens the directory that processes are born into; nothing on plain version 1. */
    static List<Step> open(Group group, Slot into) {
        return group.unified()
                .map(directory -> List.of(Step.host(
                        new FileOp.Open(Slot.NONE, directory, Set.of(OpenFlag.RDONLY, OpenFlag.DIRECTORY), 0, into))))
                .orElse(List.of());
    }

    /**
     * In a process that still sees the host's files: joins the hierarchies of version 1. By {@code tasks}, not {@code cgroup.procs}: a
     * process of one thread that moves itself so takes no lock that waits for an RCU grace period (Linux 5.5), 0.02 ms instead of 7.
     */
    static List<Step> join(Slot place, Group group) {
        return group.joined().stream()
                .map(directory -> Step.at(place, new FileOp.Write(Slot.NONE, directory + "/tasks", Bytes.utf8("0"))))
                .toList();
    }
}
