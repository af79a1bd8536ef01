package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Role;
import dev.coracle.plan.Slot;
import dev.coracle.plan.StdioOp;
import dev.coracle.plan.Step;
import dev.coracle.plan.UmountFlag;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.ResolvedUser;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** One start plan while it is written: the host's part, then the container's own process. Confined to one call. */
final class StartPlan {
    /** The place of the container's process. */
    static final Slot PLACE = new Slot("c");

    private static final Slot WORKING_DIRECTORY = new Slot("cwd");
    private static final Slot OOM = new Slot("oom");

    private final ContainerOrder order;
    private final StartFacts facts;
    private final Host host;
    private final Settings settings;
    private final Group group;
    private final ContainerSpec spec;
    private final ContainerSecurity security;
    private final Slot rootfs;
    private final StreamSteps streams;
    private final HookSteps hooks;
    private final Plan.Builder plan;

    StartPlan(ContainerOrder order, StartFacts facts, Host host, Settings settings) {
        this.order = order;
        this.facts = facts;
        this.host = host;
        this.settings = settings;
        group = order.group(host);
        spec = order.spec();
        security = spec.security();
        rootfs = Kept.rootfs(order.id());
        streams = new StreamSteps(order.id().value(), spec.stdin(), spec.tty(), Kept.pts(order.id()));
        hooks = new HookSteps(order, facts.hooks());
        plan = Plan.titled("start " + order.title());
    }

    Plan build(List<ContainerMount> mounts) {
        MountSteps mountSteps = new MountSteps(order, facts, host);
        makeGroup();
        plan.addAll(mountSteps.hostSide(mounts));
        if (hooks.any()) {
            plan.addAll(hooks.hostSide(this::configuration));
        }
        openStreams();
        plan.addAll(birth(mountSteps.staged(mounts, MappedBirth.STAGE)));
        if (hooks.any()) {
            plan.addAll(hooks.attachRoot(rootfs));
        } else {
            at(new MountOp.MoveMount(rootfs, Slot.NONE, "/"));
        }
        plan.addAll(mountSteps.inside(mounts));
        plan.addAll(hooks.created());
        plan.addAll(mountSteps.cover(security));
        finishRoot();
        plan.addAll(hooks.starting());
        finishProcess();
        plan.addAll(hooks.started());
        if (order.userNamespace() == null) {
            plan.host(new FileOp.Dup(PLACE, Kept.main(order.id())));
        } else {
            plan.host(new ProcessOp.Join(MappedBirth.INTERMEDIATE));
        }
        plan.host(new FileOp.Drop(rootfs));
        return plan.build();
    }

    private void at(Op op) {
        plan.at(PLACE, op);
    }

    private List<Step> birth(List<Op> volumes) {
        if (order.userNamespace() == null) {
            return new BirthSteps(order, host, facts.apparmor()).steps();
        }
        List<Op> staged = new ArrayList<>(volumes);
        staged.addAll(hooks.staged(this::configuration));
        return new MappedBirth(order, host, settings).steps(facts.apparmor(), staged, hooks.tree());
    }

    private Bytes configuration(String root) {
        return OciJson.configuration(order, root, argv(), environment(), user());
    }

    private void makeGroup() {
        plan.addAll(GroupSteps.create(group, Limits.of(group, ContainerPlanner.resources(order, settings), host)));
        plan.addAll(GroupSteps.open(group, Kept.cgroup(order.id())));
        if (!(security.privileged() && settings.privilegedHostDevices())) {
            plan.addAll(GroupSteps.devices(group, Kept.cgroup(order.id()), mountableDevices()));
        }
        group.directory("memory").ifPresent(directory -> {
            boolean version2 = host.cgroups() instanceof CgroupLayout.V2;
            String file = directory + (version2 ? "/memory.events" : "/memory.oom_control");
            plan.host(new FileOp.Open(Slot.NONE, file, Set.of(OpenFlag.RDONLY), 0, OOM));
            plan.host(new StdioOp.Give(order.id().value(), Role.OOM, OOM));
        });
    }

    private List<DeviceRule> mountableDevices() {
        return Stream.concat(
                        DeviceRule.DEFAULT.stream(), facts.devices().stream().map(HostDevice::rule))
                .distinct()
                .toList();
    }

    private void openStreams() {
        plan.addAll(streams.open(order.hostUid(user().uid())));
        if (!facts.logPath().isEmpty()) {
            plan.host(new StdioOp.Log(order.id().value(), facts.logPath()));
        }
    }

    private ResolvedUser user() {
        return facts.prepared().user();
    }

    private void finishRoot() {
        String directory = spec.directory(order.image());
        if (!directory.isEmpty()) {
            at(new FileOp.Mkdirs(rootfs, ContainerPath.clean(directory, "working_dir"), 0755, WORKING_DIRECTORY));
        }
        if (security.readonlyRootfs()) {
            at(new MountOp.MountSetattr(
                    rootfs, MountDepth.SINGLE, Set.of(MountAttr.RO), Set.of(), PropagationType.KEEP, Slot.NONE));
        }
        at(new MountOp.Fchdir(rootfs));
        at(new MountOp.PivotRoot());
        at(new MountOp.Umount(".", Set.of(UmountFlag.DETACH)));
        if (hooks.any() && order.userNamespace() == null) {
            at(new MountOp.Umount(".", Set.of(UmountFlag.DETACH))); // the first was the node's tree, which lay above
        }
        at(new MountOp.Chdir("/"));
        if (!directory.isEmpty()) {
            at(new MountOp.Fchdir(WORKING_DIRECTORY));
        }
    }

    private Environment environment() {
        return new Environment(order, user(), spec.tty(), host);
    }

    private List<String> argv() {
        return CommandLine.of(spec, order.image());
    }

    private void finishProcess() {
        Environment environment = environment();
        List<String> argv = argv();
        Grant grant = Grant.of(security, host);
        plan.addAll(streams.take(PLACE));
        ProcessSteps process = new ProcessSteps(PLACE);
        if (order.userNamespace() == null) {
            process.limits(settings.limits(), host);
        }
        process.become(user(), grant, security.noNewPrivs(), facts.seccomp()).dieWithShim();
        if (security.noNewPrivs()) {
            process.seccomp(facts.seccomp());
        }
        List<String> attempts = CommandLine.attempts(argv.getFirst(), environment.path(), "command");
        plan.addAll(process.execute(attempts, argv, environment).steps());
    }
}
