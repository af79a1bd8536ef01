package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.SelinuxLabel;
import dev.coracle.spec.UserRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The first process of a pid namespace that the pod's containers share: it reaps what they leave. Containers see it, and with
 * CAP_SYS_PTRACE can take it over, so it has the pod's own empty root, no rights, nothing open, and a filter. Confined to one call.
 */
final class InitSteps {
    private static final Slot INIT = new Slot("i");
    private static final Slot MAKER = new Slot("m");
    private static final Slot GROUP = new Slot("group");
    private static final Slot PROC = new Slot("proc");
    private static final int OOM_SCORE_ADJ = -998;
    /** That of the pause image of other runtimes. */
    private static final long NOBODY = 65_535;

    private final PodPlace pod;
    private final Host host;
    private final SelinuxLabel label;
    private final @Nullable SeccompFilter filter;
    private final List<Step> steps = new ArrayList<>();

    InitSteps(PodPlace pod, Host host, @Nullable SeccompFilter filter) {
        this.pod = pod;
        this.host = host;
        this.label = SelinuxLabels.ofInit(pod, host);
        this.filter = filter;
    }

    List<Step> steps() {
        Group group = pod.group(host).child(pod.id());
        steps.addAll(GroupSteps.create(group, List.of()));
        steps.addAll(GroupSteps.open(group, GROUP));
        Slot cgroup = group.unified().isPresent() ? GROUP : Slot.NONE;
        if (pod.spec().security().namespaces().user() == null) {
            make(INIT, ChildKind.INIT, Set.of(CloneFlag.NEWPID), cgroup);
            enterPod(INIT, group);
        } else {
            // a pid namespace belongs to the user namespace that its first process was made in
            make(MAKER, ChildKind.HELPER, Set.of(), cgroup);
            enterPod(MAKER, group);
            add(
                    MAKER,
                    new ProcessOp.Clone3(
                            Set.of(CloneFlag.NEWPID),
                            Slot.NONE,
                            ChildKind.INIT,
                            pod.id().value(),
                            INIT));
        }
        add(INIT, new ProcessOp.Stop());
        host(new ProcessOp.Await(INIT));
        host(new ProcessOp.OpenNs(INIT, Namespace.PID, Kept.PID));
        host(new ProcessOp.Resume(INIT));
        Grant none = new Grant(CapabilitySet.NONE, CapabilitySet.NONE);
        steps.addAll(new ProcessSteps(INIT)
                .become(user(), none, true, null)
                .dieWithShim()
                .steps());
        beLabelled();
        steps.addAll(new ProcessSteps(INIT).seccomp(filter).steps());
        add(INIT, new ProcessOp.Reap());
        return steps;
    }

    private void make(Slot place, ChildKind kind, Set<CloneFlag> flags, Slot cgroup) {
        host(new ProcessOp.Clone3(flags, cgroup, kind, pod.id().value(), place));
    }

    private void enterPod(Slot place, Group group) {
        steps.addAll(new ProcessSteps(place)
                .oomScoreAdj(host.oomScoreAdjWithin(OOM_SCORE_ADJ))
                .steps());
        steps.addAll(GroupSteps.join(place, group));
        NamespaceModes modes = pod.spec().security().namespaces();
        if (!label.isEmpty()) {
            Set<OpenFlag> flags = Set.of(OpenFlag.PATH, OpenFlag.DIRECTORY);
            add(place, new FileOp.Open(Slot.NONE, "/proc", flags, 0, PROC));
        }
        add(place, new ProcessOp.Setns(Kept.MNT, Set.of(Namespace.MNT)));
        if (modes.user() != null) {
            add(place, new ProcessOp.Setns(Kept.USER, Set.of(Namespace.USER)));
        }
        BirthSteps.join(modes).forEach(op -> add(place, op));
        if (modes.user() != null) {
            steps.addAll(new ProcessSteps(place).rootOfTheNamespace().steps());
        }
    }

    /**
     * It executes nothing, so it changes the label that it has; late, because with it it may do little. The host's {@code /proc} has been
     * left, but each process finds itself in it. A policy that only lets programs be executed with a label denies it: then it stays the
     * shim's.
     */
    private void beLabelled() {
        if (!label.isEmpty()) {
            Op change = new FileOp.Write(PROC, "self/attr/current", Bytes.utf8(label.text()));
            steps.add(Step.at(INIT, change, Errno.EACCES));
        }
    }

    private ResolvedUser user() {
        UserRequest asked = pod.spec().security().user();
        long uid = Objects.requireNonNullElse(asked.uid(), NOBODY);
        long gid = Objects.requireNonNullElse(asked.gid(), asked.uid() == null ? NOBODY : Long.valueOf(0));
        return new ResolvedUser(uid, gid, asked.supplementalGroups(), "/");
    }

    private void host(Op op) {
        steps.add(Step.host(op));
    }

    private void add(Slot place, Op op) {
        steps.add(Step.at(place, op));
    }
}
