package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountFlag;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.plan.UmountFlag;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.UserNamespace;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans a pod's own part: its namespaces, which the shim holds by descriptor without a process in them, and the group that its
 * containers' groups are made in. Immutable; any thread.
 */
public final class SandboxPlanner {
    /** Where shared memory is in the pod's mount namespace. */
    static final String SHM_PATH = "/shm";

    private static final Slot HELPER = new Slot("h");
    private static final Slot ROOT = new Slot("rt");
    private static final Slot SHM = new Slot("shm");
    private static final Slot PIN = new Slot("pin");
    private static final Slot FILE = new Slot("f");
    private static final int[] EACCES = {Errno.EACCES};
    private static final int[] ENOENT = {Errno.ENOENT};
    private static final int[] NONE = {};
    private static final int MAX_HOSTNAME = 64;

    private final Host host;
    private final Settings settings;

    public SandboxPlanner(Host host, Settings settings) {
        this.host = host;
        this.settings = settings;
    }

    /**
     * Makes the pod's namespaces and control group.
     *
     * @param init what {@link ProfileRules#ofInit} has become; null where that is empty
     * @throws InvalidSpec if the spec contradicts itself
     * @throws dev.coracle.failure.RuntimeFailure.Unsupported if it wants what this host cannot do
     */
    public Plan plan(PodPlace pod, @Nullable SeccompFilter init) {
        SandboxSpec spec = pod.spec();
        NamespaceModes modes = spec.security().namespaces();
        check(spec, modes);
        Plan.Builder plan = Plan.titled("sandbox " + spec.metadata().name());
        plan.addAll(GroupSteps.line(pod.group(host)));
        EnumSet<Namespace> own = ownNamespaces(modes);
        UserNamespace user = modes.user();
        if (user == null) {
            own.add(Namespace.MNT);
            helper(plan, pod, own, Set.of());
        } else {
            plan.addAll(UserNamespaceSteps.owner(user, own, place -> ipcSettings(place, spec)));
            helper(plan, pod, Set.of(Namespace.MNT), own);
        }
        if (!modes.hostNetwork()) {
            pin(plan, pod);
        }
        if (modes.pid() == NamespaceMode.POD) {
            plan.addAll(new InitSteps(pod, host, init).steps());
        }
        return plan.build();
    }

    /** Root of the host in the pod's namespaces: in those that are there it does what the host's files are needed for. */
    private void helper(Plan.Builder plan, PodPlace pod, Set<Namespace> made, Set<Namespace> there) {
        plan.host(new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.HELPER, "pod", HELPER));
        at(plan, new ProcessOp.Unshare(made));
        there.forEach(namespace -> at(plan, new ProcessOp.Setns(Kept.namespace(namespace), Set.of(namespace))));
        NamespaceModes modes = pod.spec().security().namespaces();
        set(plan, pod, modes);
        podMounts(plan, pod, modes);
        at(plan, new ProcessOp.Stop());
        plan.host(new ProcessOp.Await(HELPER));
        made.forEach(namespace -> plan.host(new ProcessOp.OpenNs(HELPER, namespace, Kept.namespace(namespace))));
        plan.host(new ProcessOp.Resume(HELPER));
        plan.host(new ProcessOp.Join(HELPER));
    }

    private static void at(Plan.Builder plan, Op op, int... ignored) {
        plan.at(HELPER, op, ignored);
    }

    private void check(SandboxSpec spec, NamespaceModes modes) {
        NamespaceRules.checkPod(modes, host);
        ProfileRules.checkLabel(spec.security().selinux(), host);
        if (spec.hostname().length() > MAX_HOSTNAME) {
            throw new InvalidSpec("hostname", "is longer than " + MAX_HOSTNAME + " characters");
        }
        if (spec.security().user().gid() != null && spec.security().user().uid() == null) {
            throw new InvalidSpec("linux.security_context.run_as_group", "a group needs run_as_user beside it");
        }
    }

    /** Beside the mount namespace. */
    private static EnumSet<Namespace> ownNamespaces(NamespaceModes modes) {
        EnumSet<Namespace> own = EnumSet.noneOf(Namespace.class);
        if (!modes.hostNetwork()) {
            own.add(Namespace.NET);
            own.add(Namespace.UTS);
        }
        if (!modes.hostIpc()) {
            own.add(Namespace.IPC);
        }
        return own;
    }

    /** What the new namespaces hold, while the host's {@code /proc} can be reached: it shows those of who looks. */
    private void set(Plan.Builder plan, PodPlace pod, NamespaceModes modes) {
        if (!modes.hostNetwork()) {
            at(plan, new ProcessOp.LinkUp("lo"));
            at(plan, new ProcessOp.Sethostname(pod.hostname(host)));
        }
        Map<String, String> requested = pod.spec().sysctls();
        Sysctls.of(requested, modes, settings).forEach((path, value) -> {
            boolean ipc = modes.user() != null && Sysctls.isIpc(path);
            boolean optional = Sysctls.isDefault(path, requested);
            at(plan, write(path, value), ipc ? EACCES : optional ? ENOENT : NONE);
        });
    }

    private static Op write(String path, String value) {
        return new FileOp.Write(Slot.NONE, "/proc/sys/" + path, Bytes.utf8(value));
    }

    /**
     * The settings of an ipc namespace, by root of the user namespace that owns it. Kernels let either that root write them or, older
     * ones, root of the host: the other one is told EACCES.
     */
    private List<Step> ipcSettings(Slot place, SandboxSpec spec) {
        return Sysctls.of(spec.sysctls(), spec.security().namespaces(), settings).entrySet().stream()
                .filter(setting -> Sysctls.isIpc(setting.getKey()))
                .map(setting -> Step.at(place, write(setting.getKey(), setting.getValue()), Errno.EACCES))
                .toList();
    }

    /**
     * The mount namespace that containers copy: an empty root with the pod's shared memory. Copying the host's instead costs 3 ms
     * for each thousand mounts, and a mount that was never attached cannot be cloned before 6.15.
     */
    private void podMounts(Plan.Builder plan, PodPlace pod, NamespaceModes modes) {
        Set<MountAttr> careful = Set.of(MountAttr.NOSUID, MountAttr.NODEV, MountAttr.NOEXEC);
        at(plan, new MountOp.Mount("", "/", "", Set.of(MountFlag.REC, MountFlag.PRIVATE), ""));
        at(plan, new MountOp.Fsmount("tmpfs", List.of("mode=0755", "size=64k"), careful, ROOT));
        at(plan, new FileOp.Mkdir(ROOT, SHM_PATH.substring(1), 0755));
        at(plan, new MountOp.MoveMount(ROOT, Slot.NONE, "/"));
        at(plan, new MountOp.Fchdir(ROOT));
        if (!modes.hostIpc()) {
            List<String> parameters = new ArrayList<>(List.of("mode=1777", "size=" + settings.shmBytes()));
            if (modes.user() != null) {
                parameters.add("uid=" + modes.user().hostUid(0));
                parameters.add("gid=" + modes.user().hostGid(0));
            }
            List<String> labelled = SelinuxLabels.of(pod, host).with(parameters);
            at(plan, new MountOp.Fsmount("tmpfs", labelled, careful, SHM));
            at(plan, new MountOp.MoveMount(SHM, ROOT, SHM_PATH.substring(1)));
        }
        at(plan, new MountOp.PivotRoot());
        at(plan, new MountOp.Umount(".", Set.of(UmountFlag.DETACH)));
    }

    /** For programs that take a path: network plugins, and daemons that look into {@code /run/netns}. */
    private static void pin(Plan.Builder plan, PodPlace pod) {
        String path = pod.netns();
        plan.host(new FileOp.Mkdir(Slot.NONE, path.substring(0, path.lastIndexOf('/')), 0755), Errno.EEXIST);
        Set<OpenFlag> flags = Set.of(OpenFlag.RDONLY, OpenFlag.CREAT, OpenFlag.EXCL);
        plan.host(new FileOp.Open(Slot.NONE, path, flags, 0444, FILE));
        plan.host(new MountOp.OpenTree(Kept.NET, "", Set.of(TreeFlag.CLONE), PIN));
        plan.host(new MountOp.MoveMount(PIN, Slot.NONE, path));
    }
}
