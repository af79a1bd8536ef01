package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** How a container's process comes to be in its group and namespaces, in a pod of the host's user namespace. Confined to one call. */
final class BirthSteps {
    private final ContainerOrder order;
    private final Host host;
    private final String apparmor;
    private final Group group;
    private final List<Step> steps = new ArrayList<>();

    BirthSteps(ContainerOrder order, Host host, String apparmor) {
        this.order = order;
        this.apparmor = apparmor;
        this.host = host;
        this.group = order.group(host);
    }

    List<Step> steps() {
        make();
        enter();
        return steps;
    }

    /** The pid namespace of the next child is the caller's to set; the worker makes no other. */
    private void make() {
        EnumSet<CloneFlag> flags = EnumSet.noneOf(CloneFlag.class);
        if (NamespaceRules.pid(order) == NamespaceMode.CONTAINER) {
            flags.add(CloneFlag.NEWPID);
        }
        sharedPid(order).forEach(op -> steps.add(Step.host(op)));
        if (ownCgroups(order) && host.cgroups() instanceof CgroupLayout.V2) {
            flags.add(CloneFlag.NEWCGROUP);
        }
        String id = order.id().value();
        steps.add(Step.host(new ProcessOp.Clone3(flags, into(order, group), ChildKind.CONTAINER, id, StartPlan.PLACE)));
    }

    /** For whoever makes the container's process: whose pid namespace it joins, where it joins any. */
    static List<Op> sharedPid(ContainerOrder order) {
        return switch (NamespaceRules.pid(order)) {
            case POD -> List.of(new ProcessOp.Setns(Kept.PID, Set.of(Namespace.PID)));
            case TARGET -> List.of(new ProcessOp.Setns(Kept.main(target(order)), Set.of(Namespace.PID)));
            case CONTAINER, NODE -> List.of();
        };
    }

    private static ContainerId target(ContainerOrder order) {
        String target = order.spec().security().namespaces().target();
        try {
            return new ContainerId(Objects.requireNonNullElse(target, ""));
        } catch (IllegalArgumentException notAnId) {
            throw new InvalidSpec(
                    "linux.security_context.namespace_options.target_id", "is not the id of a container of this pod");
        }
    }

    /** A privileged container sees the host's control groups, as with other runtimes. */
    static boolean ownCgroups(ContainerOrder order) {
        return !order.spec().security().privileged();
    }

    /** What a process is born into. */
    static Slot into(ContainerOrder order, Group group) {
        return group.unified().isPresent() ? Kept.cgroup(order.id()) : Slot.NONE;
    }

    /** What needs the host's files comes first; then the pod's mount namespace, small and therefore cheap to copy. */
    private void enter() {
        long adjustment = order.spec().resources().oomScoreAdj();
        steps.addAll(new ProcessSteps(StartPlan.PLACE)
                .oomScoreAdj(host.oomScoreAdjWithin(adjustment))
                .confine(apparmor)
                .label(SelinuxLabels.of(order, host).process())
                .steps());
        steps.addAll(GroupSteps.join(StartPlan.PLACE, group));
        if (ownCgroups(order) && !(host.cgroups() instanceof CgroupLayout.V2)) {
            at(new ProcessOp.Unshare(Set.of(Namespace.CGROUP)));
        }
        at(new ProcessOp.Setns(Kept.MNT, Set.of(Namespace.MNT)));
        at(new ProcessOp.Unshare(Set.of(Namespace.MNT)));
        join(order.pod().spec().security().namespaces()).forEach(this::at);
    }

    /** Into those of the pod's namespaces that are its own, beside those of mounts, pids and users. */
    static List<Op> join(NamespaceModes modes) {
        List<Op> ops = new ArrayList<>();
        if (!modes.hostNetwork()) {
            ops.add(new ProcessOp.Setns(Kept.NET, Set.of(Namespace.NET)));
            ops.add(new ProcessOp.Setns(Kept.UTS, Set.of(Namespace.UTS)));
        }
        if (!modes.hostIpc()) {
            ops.add(new ProcessOp.Setns(Kept.IPC, Set.of(Namespace.IPC)));
        }
        return ops;
    }

    private void at(Op op) {
        steps.add(Step.at(StartPlan.PLACE, op));
    }
}
