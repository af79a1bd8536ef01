package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Plan;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.Hook;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartPlanTest {
    private final Samples samples = new Samples();

    private Plan plan(Host host) {
        return new ContainerPlanner(host, Settings.DEFAULT).start(samples.order(), samples.facts());
    }

    private void modes(NamespaceMode network, NamespaceMode pid, NamespaceMode ipc) {
        samples.podModes = NamespaceModes.of(network, pid, ipc);
        samples.modes = samples.podModes;
    }

    @Test
    void plain() {
        assertGolden("start-plain", plan(Hosts.usual()));
    }

    @Test
    void hostNetwork() {
        modes(NamespaceMode.NODE, NamespaceMode.CONTAINER, NamespaceMode.POD);
        assertGolden("start-host-network", plan(Hosts.usual()));
    }

    @Test
    void hostIpc() {
        modes(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE);
        assertGolden("start-host-ipc", plan(Hosts.usual()));
    }

    @Test
    void hostPid() {
        modes(NamespaceMode.POD, NamespaceMode.NODE, NamespaceMode.POD);
        assertGolden("start-host-pid", plan(Hosts.usual()));
    }

    @Test
    void sharedPid() {
        modes(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("start-shared-pid", plan(Hosts.usual()));
    }

    @Test
    void targetPid() {
        samples.modes = new NamespaceModes(
                NamespaceMode.POD, NamespaceMode.TARGET, NamespaceMode.POD, Samples.OTHER.value(), null);
        assertGolden("start-target-pid", plan(Hosts.usual()));
    }

    @Test
    void cgroupVersion1() {
        samples.resources = limits(Map.of());
        assertGolden("start-cgroup-v1", plan(Hosts.with(Hosts.VERSION_1)));
    }

    @Test
    void cgroupHybrid() {
        samples.resources = limits(Map.of());
        assertGolden("start-cgroup-hybrid", plan(Hosts.with(Hosts.HYBRID)));
    }

    @Test
    void cgroupVersion2() {
        samples.resources = limits(Map.of("memory.oom.group", "1", "memory.high", "60000000"));
        assertGolden("start-cgroup-v2", plan(Hosts.usual()));
    }

    private static Resources limits(Map<String, String> unified) {
        return new Resources(
                50_000,
                25_000,
                512,
                64 << 20,
                96 << 20,
                900,
                "0-1",
                "0",
                100,
                List.of(new HugepageLimit("2MB", 4 << 20), new HugepageLimit("1GB", 0)),
                unified);
    }

    @Test
    void volumesOfEveryPropagation() {
        samples.volume(MountSpec.bind("/srv/private", "/data/private", false, Propagation.PRIVATE), Peering.PRIVATE)
                .volume(MountSpec.bind("/srv/ro", "/data", true, Propagation.PRIVATE), Peering.SHARED)
                .volume(MountSpec.bind("/srv/h2c", "/h2c", false, Propagation.HOST_TO_CONTAINER), Peering.SLAVE)
                .volume(MountSpec.bind("/srv/bi", "/bi", true, Propagation.BIDIRECTIONAL), Peering.SHARED)
                .volume(MountSpec.bind("/srv/hosts.txt", "/etc/hosts", false, Propagation.PRIVATE), Peering.SHARED)
                .volume(Samples.readonlyTree("/srv/rro", "/rro", List.of("noexec", "nodev")), Peering.SHARED)
                .volume(
                        new MountSpec(
                                "/alone",
                                "/srv/alone",
                                false,
                                false,
                                Propagation.PRIVATE,
                                false,
                                List.of(),
                                List.of(),
                                null,
                                List.of(),
                                true),
                        Peering.SHARED);
        assertGolden("start-volumes", plan(Hosts.usual()));
    }

    @Test
    void volumesInPlaceOfDefaults() {
        samples.volume(MountSpec.bind("/dev", "/dev", false, Propagation.PRIVATE), Peering.SHARED)
                .volume(MountSpec.bind("/sys", "/sys/", true, Propagation.PRIVATE), Peering.SHARED);
        samples.tty = true;
        assertGolden("start-volumes-dev-sys", plan(Hosts.usual()));
    }

    @Test
    void privileged() {
        samples.privileged = true;
        samples.hostDevices = List.of(
                new HostDevice("/dev/null", "/dev/null", DeviceKind.CHARACTER, 1, 3, 0666, 0, 0, "rwm"),
                new HostDevice("/dev/vda", "/dev/vda", DeviceKind.BLOCK, 254, 0, 0660, 0, 6, "rwm"));
        assertGolden("start-privileged", plan(Hosts.usual()));
    }

    @Test
    void privilegedWithoutHostDevices() {
        samples.privileged = true;
        Settings settings = Settings.DEFAULT.with(false, false);
        assertGolden(
                "start-privileged-no-devices",
                new ContainerPlanner(Hosts.usual(), settings).start(samples.order(), samples.facts()));
    }

    @Test
    void appArmor() {
        samples.apparmor = "coracle-default";
        assertGolden("start-apparmor", plan(Hosts.usual()));
    }

    @Test
    void hooksOfEveryStage() {
        samples.readonlyRootfs = true;
        samples.hooks = List.of(
                hook(Hook.Stage.POSTSTOP, List.of("last")),
                hook(Hook.Stage.POSTSTART, List.of()),
                hook(Hook.Stage.START_CONTAINER, List.of("x", "start")),
                hook(Hook.Stage.CREATE_CONTAINER, List.of("nvidia-ctk", "hook", "update-ldcache")),
                hook(Hook.Stage.CREATE_RUNTIME, List.of()),
                hook(Hook.Stage.PRESTART, List.of()));
        assertGolden("start-hooks", plan(Hosts.usual()));
        assertGolden(
                "poststop-hooks",
                HookPlanner.stopped(samples.order(), samples.hooks).orElseThrow());
    }

    /** The container's hooks run as the pod's root, which must find a bundle that it may enter. */
    @Test
    void hooksInAUserNamespace() {
        samples.own(Samples.USER_NAMESPACE);
        samples.hooks = List.of(
                hook(Hook.Stage.POSTSTART, List.of()),
                hook(Hook.Stage.START_CONTAINER, List.of("x", "start")),
                hook(Hook.Stage.CREATE_CONTAINER, List.of("nvidia-ctk", "hook", "update-ldcache")),
                hook(Hook.Stage.CREATE_RUNTIME, List.of()));
        assertGolden("start-hooks-userns", plan(Hosts.usual()));
    }

    private static Hook hook(Hook.Stage stage, List<String> args) {
        return new Hook(stage, "/usr/bin/hook", args, List.of(new EnvVar("STAGE", stage.name())), args.size());
    }

    @Test
    void writableCgroup() {
        Settings settings = Settings.DEFAULT.with(true, true);
        assertGolden(
                "start-cgroup-writable",
                new ContainerPlanner(Hosts.usual(), settings).start(samples.order(), samples.facts()));
        Plan onVersion1 =
                new ContainerPlanner(Hosts.with(Hosts.VERSION_1), settings).start(samples.order(), samples.facts());
        assertThat(onVersion1.text())
                .isEqualTo(plan(Hosts.with(Hosts.VERSION_1)).text());
    }

    @Test
    void privilegedOnHybrid() {
        samples.privileged = true;
        assertGolden("start-privileged-hybrid", plan(Hosts.with(Hosts.HYBRID)));
    }

    @Test
    void devices() {
        samples.hostDevices = List.of(
                new HostDevice("/dev/fuse", "/dev/fuse", DeviceKind.CHARACTER, 10, 229, 0666, 0, 0, "rwm"),
                new HostDevice("/dev/net/tun", "/dev/net/tun", DeviceKind.CHARACTER, 10, 200, 0600, 0, 0, "rw"),
                new HostDevice("/dev/sda", "/disk", DeviceKind.BLOCK, 8, 0, 0660, 0, 6, "r"));
        assertGolden("start-devices", plan(Hosts.usual()));
        assertGolden("start-devices-cgroup-v1", plan(Hosts.with(Hosts.VERSION_1)));
    }

    @Test
    void terminal() {
        samples.tty = true;
        samples.stdin = true;
        assertGolden("start-tty", plan(Hosts.usual()));
    }

    @Test
    void standardInput() {
        samples.stdin = true;
        assertGolden("start-stdin", plan(Hosts.usual()));
    }

    @Test
    void readonlyRoot() {
        samples.readonlyRootfs = true;
        samples.workingDir = "/srv/app";
        assertGolden("start-readonly", plan(Hosts.usual()));
    }

    @Test
    void volumesOfTheImage() {
        samples.image = Samples.withVolumes("/var/lib/db", "log/", "/srv/data/below", "/dev/shm/x");
        samples.volume(MountSpec.bind("/srv", "/srv/data", false, Propagation.PRIVATE), Peering.PRIVATE);
        assertGolden("start-image-volumes", plan(Hosts.usual()));
        samples.readonlyRootfs = true;
        assertGolden("start-image-volumes-readonly", plan(Hosts.usual()));
    }

    @Test
    void user() {
        samples.resolved = new ResolvedUser(1000, 1001, List.of(1001L, 2000L), "/srv/web");
        samples.capabilities = new CapabilityRequest(List.of("NET_ADMIN"), List.of("ALL"), List.of());
        assertGolden("start-user", plan(Hosts.usual()));
    }

    @Test
    void ambientCapabilities() {
        samples.resolved = new ResolvedUser(1000, 1000, List.of(1000L), "/");
        samples.capabilities = new CapabilityRequest(List.of(), List.of("ALL"), List.of("NET_BIND_SERVICE"));
        assertGolden("start-ambient", plan(Hosts.usual()));
    }

    @Test
    void seccompWithAndWithoutNoNewPrivs() {
        samples.filter = Samples.allowAll();
        samples.resolved = new ResolvedUser(1000, 1000, List.of(1000L), "/");
        assertGolden("start-seccomp", plan(Hosts.usual()));
        samples.noNewPrivs = true;
        assertGolden("start-seccomp-nnp", plan(Hosts.usual()));
    }

    @Test
    void unmasked() {
        samples.masked = List.of();
        samples.readonly = List.of();
        assertGolden("start-unmasked", plan(Hosts.usual()));
    }

    @Test
    void clamped() {
        samples.resources = Resources.NONE.withOomScoreAdj(-997);
        assertGolden("start-clamped", plan(Hosts.restricted()));
    }

    @Test
    void whatIsLookedForAlongPath() {
        samples.command = List.of();
        samples.args = List.of("arg");
        samples.logPath = "";
        samples.image = new dev.coracle.spec.ImageConfig(
                "", List.of(), List.of("server"), List.of("never"), "/srv", null, List.of(), Map.of());
        assertGolden("start-path", plan(Hosts.usual()));
    }
}
