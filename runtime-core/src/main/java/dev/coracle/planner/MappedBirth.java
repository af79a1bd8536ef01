package dev.coracle.planner;

import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.plan.UmountFlag;
import dev.coracle.spec.NamespaceMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How a container's process comes to be in a pod with a user namespace of its own. It takes two forks: nobody can be born into
 * a user namespace that is there, and after joining one nobody may be born into a group. So an intermediate is born into the
 * group, does what only root of the host may, joins, and makes the process. Confined to one call.
 *
 * <p>The intermediate leaves a mount namespace that holds nothing but views of the host's {@code /proc}, {@code /sys} and
 * {@code /dev}: the kernel lets a user namespace mount {@code proc} and {@code sysfs} only where they are in full sight already,
 * and no device can be made there, only bound. They go with the old root. The tmpfs they lie on must be the root by then: as a mount
 * on the old one it would be locked, and the old root could not be let go of (EINVAL).
 */
final class MappedBirth {
    static final Slot INTERMEDIATE = new Slot("i");

    /** Where the host's devices are, for the container's process, as long as it has not changed its root. */
    static final String DEVICES = "/dev/";

    /** The tmpfs that the intermediate leaves as its root, or below the node's tree where hooks are to see that. */
    static final Slot STAGE = new Slot("stage");

    /** Where it is then: a directory that every node has, and no hook looks for. */
    static final String STAGE_IN_TREE = "/dev/shm";

    private static final List<String> VIEWS = List.of("proc", "sys", "dev");

    private final ContainerOrder order;
    private final Host host;
    private final Settings settings;
    private final Group group;
    private final List<Step> steps = new ArrayList<>();

    MappedBirth(ContainerOrder order, Host host, Settings settings) {
        this.order = order;
        this.host = host;
        this.settings = settings;
        this.group = order.group(host);
    }

    /**
     * All up to the process's birth.
     *
     * @param apparmor name of the profile; empty for none
     * @param staged what is to be made while root of the host is in {@link #STAGE}
     * @param tree of the node, to be left as the root; {@link Slot#NONE} if nobody is to see it
     */
    List<Step> steps(String apparmor, List<Op> staged, Slot tree) {
        openViews();
        String id = order.id().value();
        steps.add(Step.host(
                new ProcessOp.Clone3(Set.of(), BirthSteps.into(order, group), ChildKind.HELPER, id, INTERMEDIATE)));
        asRootOfTheHost(apparmor);
        stage(tree);
        staged.forEach(this::at);
        join();
        at(new ProcessOp.Clone3(flags(), Slot.NONE, ChildKind.CONTAINER, id, StartPlan.PLACE));
        at(new FileOp.Dup(StartPlan.PLACE, Kept.main(order.id())));
        return steps;
    }

    /** Private, so that what the host mounts meanwhile does not come along. Devices may each be a mount of their own. */
    private void openViews() {
        for (String view : VIEWS) {
            Set<TreeFlag> flags =
                    view.equals("dev") ? Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE) : Set.of(TreeFlag.CLONE);
            steps.add(Step.host(new MountOp.OpenTree(Slot.NONE, "/" + view, flags, slot(view))));
            steps.add(Step.host(new MountOp.MountSetattr(
                    slot(view), MountDepth.RECURSIVE, Set.of(), Set.of(), PropagationType.PRIVATE, Slot.NONE)));
        }
    }

    private static Slot slot(String view) {
        return new Slot("host" + view);
    }

    private void asRootOfTheHost(String apparmor) {
        long adjustment = order.spec().resources().oomScoreAdj();
        steps.addAll(new ProcessSteps(INTERMEDIATE)
                .oomScoreAdj(host.oomScoreAdjWithin(adjustment))
                .confine(apparmor)
                .label(SelinuxLabels.of(order, host).process())
                .limits(settings.limits(), host)
                .steps());
        steps.addAll(GroupSteps.join(INTERMEDIATE, group));
        BirthSteps.sharedPid(order).forEach(this::at);
    }

    private void stage(Slot tree) {
        at(new ProcessOp.Setns(Kept.MNT, Set.of(Namespace.MNT)));
        at(new ProcessOp.Unshare(Set.of(Namespace.MNT)));
        at(new MountOp.OpenTree(Slot.NONE, SandboxPlanner.SHM_PATH, Set.of(TreeFlag.CLONE), MountSteps.SHM));
        Set<MountAttr> careful = Set.of(MountAttr.NOSUID, MountAttr.NOEXEC);
        at(new MountOp.Fsmount("tmpfs", List.of("mode=0755", "size=64k"), careful, STAGE));
        VIEWS.forEach(view -> at(new FileOp.Mkdir(STAGE, view, 0755)));
        at(new FileOp.Mkdir(STAGE, SandboxPlanner.SHM_PATH.substring(1), 0755));
        if (tree.isNone()) {
            at(new MountOp.MoveMount(STAGE, Slot.NONE, "/"));
        } else {
            at(new MountOp.MoveMount(tree, Slot.NONE, "/"));
            at(new MountOp.MoveMount(STAGE, tree, STAGE_IN_TREE.substring(1)));
        }
        VIEWS.forEach(view -> at(new MountOp.MoveMount(slot(view), STAGE, view)));
        at(new MountOp.Fchdir(tree.isNone() ? STAGE : tree));
        at(new MountOp.PivotRoot());
        at(new MountOp.Umount(".", Set.of(UmountFlag.DETACH)));
        at(new MountOp.Chdir(tree.isNone() ? "/" : STAGE_IN_TREE));
    }

    private void join() {
        at(new ProcessOp.Setns(Kept.USER, Set.of(Namespace.USER)));
        BirthSteps.join(order.pod().spec().security().namespaces()).forEach(this::at);
        steps.addAll(new ProcessSteps(INTERMEDIATE).rootOfTheNamespace().steps());
    }

    private Set<CloneFlag> flags() {
        EnumSet<CloneFlag> flags = EnumSet.of(CloneFlag.NEWNS);
        if (NamespaceRules.pid(order) == NamespaceMode.CONTAINER) {
            flags.add(CloneFlag.NEWPID);
        }
        if (BirthSteps.ownCgroups(order)) {
            flags.add(CloneFlag.NEWCGROUP);
        }
        return flags;
    }

    private void at(Op op) {
        steps.add(Step.at(INTERMEDIATE, op));
    }
}
