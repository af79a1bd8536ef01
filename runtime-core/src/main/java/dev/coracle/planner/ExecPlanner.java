package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.spec.ContainerSecurity;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Plans a program beside a container's main process: same namespaces, group, user, environment, rights and filter. It has no
 * group of its own. Immutable; any thread.
 */
public final class ExecPlanner {
    private static final Set<CloneFlag> SHARED_MEMORY = Set.of(CloneFlag.VM, CloneFlag.VFORK);
    private static final Slot PLACE = new Slot("c");
    private static final Slot INTERMEDIATE = new Slot("i");
    private static final Slot ROOT = new Slot("root");
    private static final Slot WORKING_DIRECTORY = new Slot("cwd");

    private final Host host;
    private final Settings settings;

    public ExecPlanner(Host host, Settings settings) {
        this.host = host;
        this.settings = settings;
    }

    /**
     * Runs the program.
     *
     * @throws InvalidSpec if the command is empty
     */
    public Plan plan(ExecOrder order) {
        if (order.command().isEmpty()) {
            throw new InvalidSpec("cmd", "is empty");
        }
        Plan.Builder plan = Plan.titled("exec in " + order.container().title());
        StreamSteps streams = new StreamSteps(
                order.id(),
                order.stdin(),
                order.tty(),
                Kept.pts(order.container().id()));
        plan.addAll(streams.open(order.container().hostUid(order.user().uid())));
        if (canBeTakenOver(order)) {
            twoSteps(plan, order, streams);
        } else {
            oneStep(plan, order, streams);
        }
        return plan.build();
    }

    /**
     * Whether a process of the container could trace another one of other credentials: then none of ours may be seen there
     * before it has become what it is to be.
     */
    private boolean canBeTakenOver(ExecOrder order) {
        return Grant.of(order.container().spec().security(), host).bounding().has("SYS_PTRACE");
    }

    /**
     * Born into the container's pid namespace, where it cannot be traced: the shim is not dumpable, and so is its child. It has the
     * worker's memory, as the worker has nothing to do before its execve; a copy would be dearer than its namespaces and its user.
     */
    private void oneStep(Plan.Builder plan, ExecOrder order, StreamSteps streams) {
        Slot main = Kept.main(order.container().id());
        plan.host(new ProcessOp.Setns(main, Set.of(Namespace.PID)));
        clone(plan, order, SHARED_MEMORY, ChildKind.EXEC, PLACE);
        enter(plan, order, PLACE, EnumSet.noneOf(Namespace.class));
        plan.addAll(streams.take(PLACE));
        boolean noNewPrivs = order.container().spec().security().noNewPrivs();
        plan.addAll(become(order, PLACE)
                .seccomp(noNewPrivs ? order.seccomp() : null)
                .steps());
        plan.addAll(execute(order).steps());
    }

    /**
     * An intermediate outside the pid namespace takes on everything, and makes the process last of all. Neither shares its memory: whoever
     * traces the one would have the other.
     */
    private void twoSteps(Plan.Builder plan, ExecOrder order, StreamSteps streams) {
        clone(plan, order, Set.of(), ChildKind.HELPER, INTERMEDIATE);
        enter(plan, order, INTERMEDIATE, EnumSet.of(Namespace.PID));
        plan.addAll(become(order, INTERMEDIATE).steps());
        plan.at(INTERMEDIATE, new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.EXEC, order.id(), PLACE));
        plan.addAll(streams.take(PLACE));
        boolean noNewPrivs = order.container().spec().security().noNewPrivs();
        plan.addAll(new ProcessSteps(PLACE)
                .seccomp(noNewPrivs ? order.seccomp() : null)
                .steps());
        plan.addAll(execute(order).steps());
        plan.host(new ProcessOp.Join(INTERMEDIATE));
    }

    private void clone(Plan.Builder plan, ExecOrder order, Set<CloneFlag> flags, ChildKind kind, Slot place) {
        boolean born = order.container().group(host).unified().isPresent();
        Slot cgroup = born ? Kept.cgroup(order.container().id()) : Slot.NONE;
        plan.host(new ProcessOp.Clone3(flags, cgroup, kind, order.id(), place));
    }

    /** Into the container's control groups, namespaces and working directory. */
    private void enter(Plan.Builder plan, ExecOrder order, Slot place, EnumSet<Namespace> more) {
        ContainerOrder container = order.container();
        plan.addAll(new ProcessSteps(place)
                .oomScoreAdj(host.oomScoreAdjWithin(container.spec().resources().oomScoreAdj()))
                .confine(order.apparmor())
                .label(SelinuxLabels.of(container, host).process())
                .steps());
        plan.addAll(GroupSteps.join(place, container.group(host)));
        boolean mapped = container.userNamespace() != null;
        if (mapped) {
            // within the user namespace nobody may raise a limit
            plan.addAll(new ProcessSteps(place).limits(settings.limits(), host).steps());
        }
        EnumSet<Namespace> namespaces =
                EnumSet.of(Namespace.MNT, Namespace.NET, Namespace.IPC, Namespace.UTS, Namespace.CGROUP);
        namespaces.addAll(more);
        if (mapped) {
            namespaces.add(Namespace.USER);
        }
        plan.at(place, new ProcessOp.Setns(Kept.main(container.id()), namespaces));
        plan.addAll(workingDirectory(container, place));
    }

    /**
     * By a descriptor opened within the root: a plain chdir would follow {@code /proc/self/fd/N} through what is still open here
     * to the host.
     */
    private static List<Step> workingDirectory(ContainerOrder container, Slot place) {
        String directory = container.spec().directory(container.image());
        String path = directory.isEmpty() ? "/" : ContainerPath.clean(directory, "working_dir");
        Set<OpenFlag> flags = Set.of(OpenFlag.PATH, OpenFlag.DIRECTORY);
        return List.of(
                Step.at(place, new FileOp.Open(Slot.NONE, "/", flags, 0, ROOT)),
                Step.at(place, new FileOp.Openat2(ROOT, path, flags, WORKING_DIRECTORY)),
                Step.at(place, new MountOp.Fchdir(WORKING_DIRECTORY)));
    }

    private ProcessSteps become(ExecOrder order, Slot place) {
        ContainerSecurity security = order.container().spec().security();
        ProcessSteps process = new ProcessSteps(place);
        if (order.container().userNamespace() == null) {
            process.limits(settings.limits(), host);
        }
        return process.become(order.user(), Grant.of(security, host), security.noNewPrivs(), order.seccomp());
    }

    private ProcessSteps execute(ExecOrder order) {
        Environment environment = new Environment(order.container(), order.user(), order.tty(), host);
        String name = order.command().getFirst();
        List<String> attempts = CommandLine.attempts(name, environment.path(), "cmd");
        return new ProcessSteps(PLACE).execute(attempts, order.command(), environment);
    }
}
