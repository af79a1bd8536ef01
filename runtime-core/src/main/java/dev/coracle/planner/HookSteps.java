package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.ProgramOp;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.Hook;
import dev.coracle.spec.Hook.Stage;
import dev.coracle.spec.NamespaceMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Hooks of a container, and the bundle that they find it by. With hooks, the container's mount namespace holds the node's tree until
 * its root is pivoted to, and the root is mounted in there at the bundle's {@code rootfs}: programs of the node see both, and what
 * they mount below that root stays in the container. Confined to one call.
 */
final class HookSteps {
    /** Within the 100 s that a start may take. */
    private static final int USUAL_TIMEOUT_SECONDS = 60;

    private static final int MILLIS = 1000;
    private static final int OUTPUT_LIMIT = 4096;
    private static final String BUNDLE = "bundle";
    private static final String ROOT = "/rootfs";
    private static final Slot HOST = new Slot("host");
    private static final Slot OWN_PID = new Slot("ownpid");
    private static final Set<Namespace> CONTAINER =
            Set.of(Namespace.MNT, Namespace.NET, Namespace.IPC, Namespace.UTS, Namespace.CGROUP);

    private final ContainerOrder order;
    private final List<Hook> hooks;
    private final String bundle;
    private final boolean mapped;
    private final List<Step> steps = new ArrayList<>();

    HookSteps(ContainerOrder order, List<Hook> hooks) {
        this.order = order;
        this.hooks = hooks;
        this.mapped = order.userNamespace() != null;
        this.bundle = order.pod().directory() + "/containers/" + order.id() + "/bundle";
    }

    /** Whether there is anything to do. */
    boolean any() {
        return !hooks.isEmpty();
    }

    /**
     * On the host side, before the container's process is made.
     *
     * @param configuration the bundle's, by the root that it is to name
     */
    List<Step> hostSide(Function<String, Bytes> configuration) {
        steps.clear();
        host(new FileOp.Mkdir(Slot.NONE, bundle, 0700), Errno.EEXIST);
        host(new FileOp.Mkdir(Slot.NONE, bundle + ROOT, 0700), Errno.EEXIST);
        String file = bundle + "/config.json";
        Slot made = new Slot("config");
        host(new FileOp.Open(Slot.NONE, file, Set.of(OpenFlag.WRONLY, OpenFlag.CREAT, OpenFlag.TRUNC), 0600, made));
        host(new FileOp.Close(made));
        host(new FileOp.Write(Slot.NONE, file, configuration.apply(bundle + ROOT)));
        host(new MountOp.OpenTree(Slot.NONE, "/", Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE), HOST));
        host(new MountOp.MountSetattr(
                HOST, MountDepth.RECURSIVE, Set.of(), Set.of(), PropagationType.PRIVATE, Slot.NONE));
        return List.copyOf(steps);
    }

    /**
     * In the intermediate of a pod with a user namespace, in its stage: a bundle that the pod's root can enter, as it cannot the one on
     * the node.
     */
    List<Op> staged(Function<String, Bytes> configuration) {
        if (hooks.isEmpty()) {
            return List.of();
        }
        Slot made = new Slot("config");
        String file = BUNDLE + "/config.json";
        return List.of(
                new FileOp.Mkdir(MappedBirth.STAGE, BUNDLE, 0755),
                new FileOp.Mkdir(MappedBirth.STAGE, BUNDLE + ROOT, 0755),
                new FileOp.Open(
                        MappedBirth.STAGE, file, Set.of(OpenFlag.WRONLY, OpenFlag.CREAT, OpenFlag.TRUNC), 0644, made),
                new FileOp.Close(made),
                new FileOp.Write(MappedBirth.STAGE, file, configuration.apply(inner() + ROOT)));
    }

    /** The node's tree where the container's hooks are to see it, else nothing. */
    Slot tree() {
        return hooks.isEmpty() ? Slot.NONE : HOST;
    }

    /** The bundle in the container's mount namespace, until its root is pivoted to. */
    private String inner() {
        return mapped ? MappedBirth.STAGE_IN_TREE + "/" + BUNDLE : bundle;
    }

    /** In the container's process: its root within the node's tree. */
    List<Step> attachRoot(Slot rootfs) {
        steps.clear();
        if (mapped) {
            at(new MountOp.MoveMount(rootfs, Slot.NONE, inner() + ROOT));
        } else {
            at(new MountOp.MoveMount(HOST, Slot.NONE, "/"));
            at(new MountOp.MoveMount(rootfs, HOST, (bundle + ROOT).substring(1)));
        }
        return List.copyOf(steps);
    }

    /** With all mounts made, before the root is pivoted to or made read-only. */
    List<Step> created() {
        steps.clear();
        List<Hook> runtime = of(Stage.PRESTART, Stage.CREATE_RUNTIME);
        List<Hook> container = of(Stage.CREATE_CONTAINER);
        if (!runtime.isEmpty() || !container.isEmpty()) {
            pause();
            runtime.forEach(hook -> run(hook, Set.of(), "creating"));
            inside(container, "creating");
            host(new ProcessOp.Resume(StartPlan.PLACE));
        }
        return List.copyOf(steps);
    }

    /** With the container's own root in place. */
    List<Step> starting() {
        steps.clear();
        List<Hook> container = of(Stage.START_CONTAINER);
        if (!container.isEmpty()) {
            pause();
            inside(container, "created");
            host(new ProcessOp.Resume(StartPlan.PLACE));
        }
        return List.copyOf(steps);
    }

    /** When the program has been executed. */
    List<Step> started() {
        steps.clear();
        List<Hook> runtime = of(Stage.POSTSTART);
        if (!runtime.isEmpty()) {
            host(new ProcessOp.Join(StartPlan.PLACE));
            runtime.forEach(hook -> run(hook, Set.of(), "running"));
        }
        return List.copyOf(steps);
    }

    /** Runs what is to be run once the container has ended. What comes of it is not asked. */
    Optional<Plan> stopped() {
        Plan.Builder plan = Plan.titled("poststop hooks of " + order.title());
        String state = OciJson.state(order, bundle, "stopped");
        List<Hook> runtime = of(Stage.POSTSTOP);
        int index = 0;
        for (Hook hook : runtime) {
            plan.host(new ProgramOp.Run(
                    pathFirst(hook),
                    environment(hook),
                    Bytes.utf8(state),
                    OUTPUT_LIMIT,
                    deadline(hook),
                    "hook" + index++));
        }
        return runtime.isEmpty() ? Optional.empty() : Optional.of(plan.build());
    }

    /** What {@code run} executes is its argv[0]. */
    private static List<String> pathFirst(Hook hook) {
        List<String> argv = new ArrayList<>(argv(hook));
        argv.remove(1);
        return argv;
    }

    private void pause() {
        at(new ProcessOp.Stop());
        if (mapped) { // who made the process has also left word of it
            host(new ProcessOp.Join(MappedBirth.INTERMEDIATE));
            host(new FileOp.Dup(Kept.main(order.id()), StartPlan.PLACE));
        }
        host(new ProcessOp.Await(StartPlan.PLACE));
    }

    /** Into the pid namespace by being born there, which is the worker's to arrange and to take back. */
    private void inside(List<Hook> container, String status) {
        if (container.isEmpty()) {
            return;
        }
        host(new FileOp.Open(Slot.NONE, "/proc/self/ns/pid", Set.of(OpenFlag.RDONLY), 0, OWN_PID));
        host(new ProcessOp.Setns(StartPlan.PLACE, Set.of(Namespace.PID)));
        container.forEach(hook -> run(hook, namespaces(), status));
        host(new ProcessOp.Setns(OWN_PID, Set.of(Namespace.PID)));
    }

    private Set<Namespace> namespaces() {
        EnumSet<Namespace> namespaces = EnumSet.copyOf(CONTAINER);
        if (NamespaceRules.pid(order) == NamespaceMode.CONTAINER) {
            namespaces.add(Namespace.PID);
        }
        if (mapped) {
            namespaces.add(Namespace.USER);
        }
        return namespaces;
    }

    private void run(Hook hook, Set<Namespace> namespaces, String status) {
        host(new ProgramOp.Hook(
                StartPlan.PLACE,
                namespaces,
                argv(hook),
                environment(hook),
                OciJson.stateBeforePid(order, namespaces.isEmpty() ? bundle : inner(), status),
                deadline(hook)));
    }

    /** The path, then argv. */
    private static List<String> argv(Hook hook) {
        List<String> argv = new ArrayList<>(List.of(hook.path()));
        argv.addAll(hook.args().isEmpty() ? List.of(hook.path()) : hook.args());
        return argv;
    }

    private static List<String> environment(Hook hook) {
        return hook.env().stream().map(HookSteps::line).toList();
    }

    private static String line(EnvVar variable) {
        return variable.name() + "=" + variable.value();
    }

    private static long deadline(Hook hook) {
        int seconds = hook.timeoutSeconds() == 0 ? USUAL_TIMEOUT_SECONDS : hook.timeoutSeconds();
        return (long) seconds * MILLIS;
    }

    private List<Hook> of(Stage... stages) {
        return Stream.of(stages)
                .flatMap(stage -> hooks.stream().filter(hook -> hook.stage() == stage))
                .toList();
    }

    private void host(Op op, int... ignored) {
        steps.add(Step.host(op, ignored));
    }

    private void at(Op op) {
        steps.add(Step.at(StartPlan.PLACE, op));
    }
}
