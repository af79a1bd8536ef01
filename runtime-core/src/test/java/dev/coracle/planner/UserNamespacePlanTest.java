package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserNamespace;
import dev.coracle.spec.UserRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods with user namespaces of their own. */
class UserNamespacePlanTest {
    private final Samples samples = new Samples();

    @BeforeEach
    void own() {
        samples.own(Samples.USER_NAMESPACE);
    }

    private Plan sandbox() {
        return new SandboxPlanner(Hosts.usual(), Settings.DEFAULT).plan(samples.pod(), Samples.allowAll());
    }

    private Plan create(Host host, int layers) {
        return new ContainerPlanner(host, Settings.DEFAULT)
                .create(samples.order(), Samples.layers(layers), samples.images);
    }

    private Plan start(Host host) {
        return new ContainerPlanner(host, Settings.DEFAULT).start(samples.order(), samples.facts());
    }

    private void modes(NamespaceMode network, NamespaceMode pid) {
        samples.podModes = Samples.in(Samples.USER_NAMESPACE, network, pid);
        samples.modes = samples.podModes;
    }

    @Test
    void pods() {
        assertGolden("sandbox-userns", sandbox());
        modes(NamespaceMode.NODE, NamespaceMode.CONTAINER);
        assertGolden("sandbox-userns-host-network", sandbox());
        modes(NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("sandbox-userns-shared-pid", sandbox());
    }

    /** What an ipc namespace holds is written by both roots, as only one of them may. */
    @Test
    void sysctls() {
        samples.sysctls = Map.of("kernel.shm_rmid_forced", "1", "net.core.somaxconn", "77");
        assertGolden("sandbox-userns-sysctls", sandbox());
    }

    @Test
    void rootsByKernel() {
        assertGolden("create-userns", create(Hosts.usual(), 3));
        Host early = Hosts.withUserNamespaces(new KernelRelease(6, 3), false);
        assertGolden("create-userns-6.3", create(early, 3));
        assertGolden("create-userns-120-layers-6.3", create(early, 120));
    }

    @Test
    void moreLayersThanAPlanHasRoomForAreRefused() {
        assertThatThrownBy(() -> create(Hosts.usual(), 129))
                .isInstanceOf(Unsupported.class)
                .hasMessageContaining("128");
    }

    @Test
    void containers() {
        assertGolden("start-userns", start(Hosts.usual()));
        assertGolden("start-userns-cgroup-hybrid", start(Hosts.with(Hosts.HYBRID)));
        modes(NamespaceMode.NODE, NamespaceMode.CONTAINER);
        assertGolden("start-userns-host-network", start(Hosts.usual()));
        modes(NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("start-userns-shared-pid", start(Hosts.usual()));
    }

    @Test
    void terminalUserAndDevices() {
        samples.tty = true;
        samples.resolved = new ResolvedUser(1000, 1001, List.of(1001L), "/home/web");
        samples.hostDevices =
                List.of(new HostDevice("/dev/fuse", "/dev/fuse", DeviceKind.CHARACTER, 10, 229, 0666, 0, 0, "rwm"));
        assertGolden("start-userns-tty-devices", start(Hosts.usual()));
    }

    /** The pod's own mapping needs no further namespace; another one gets one, once. */
    @Test
    void volumes() {
        List<IdMapping> other = List.of(new IdMapping(0, 5000, 10));
        for (String name : List.of("one", "two")) {
            samples.volume(
                    new MountSpec(
                            "/" + name,
                            "/srv/" + name,
                            true,
                            false,
                            Propagation.PRIVATE,
                            false,
                            other,
                            other,
                            null,
                            List.of(),
                            false),
                    Peering.SHARED);
        }
        samples.volume(Samples.mapped("/srv/mapped"), Peering.SHARED)
                .volume(MountSpec.bind("/srv/as-it-is", "/as-it-is", false, Propagation.BIDIRECTIONAL), Peering.SHARED);
        assertGolden("start-userns-volumes", start(Hosts.usual()));
    }

    @Test
    void volumesCanBeMappedInAnyPod() {
        samples.podModes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD);
        samples.modes = samples.podModes;
        samples.volume(Samples.mapped("/srv/mapped"), Peering.SHARED);
        assertGolden("start-mapped-volume", start(Hosts.usual()));
    }

    @Test
    void commands() {
        assertGolden(
                "exec-userns",
                new ExecPlanner(Hosts.usual(), Settings.DEFAULT).plan(samples.exec("cat", "/etc/hostname")));
    }

    @Test
    void theProbe() {
        assertGolden("probe-userns", UserNamespaceSteps.probe("/var/lib/coracle"));
    }

    @Test
    void refusedWhereTheKernelCannot() {
        assertThatThrownBy(() ->
                        new SandboxPlanner(Hosts.debian12(), Settings.DEFAULT).plan(samples.pod(), Samples.allowAll()))
                .isInstanceOf(Unsupported.class)
                .hasMessage("make user namespace: it needs Linux 6.3");
    }

    @Test
    void hostsPidsAndMessageQueuesAreRefused() {
        modes(NamespaceMode.POD, NamespaceMode.NODE);
        assertThatThrownBy(this::sandbox).isInstanceOf(InvalidSpec.class).hasMessageContaining("namespace_options.pid");
        samples.podModes = new NamespaceModes(
                NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE, null, Samples.USER_NAMESPACE);
        assertThatThrownBy(this::sandbox).isInstanceOf(InvalidSpec.class).hasMessageContaining("namespace_options.ipc");
    }

    @Test
    void containersHaveThePodsNamespace() {
        List<IdMapping> other = List.of(new IdMapping(0, 200_000, 65_536));
        samples.modes = Samples.in(new UserNamespace(other, other), NamespaceMode.POD, NamespaceMode.CONTAINER);
        assertThatThrownBy(() -> create(Hosts.usual(), 1))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("userns_options");
        samples.modes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD);
        assertThatThrownBy(() -> create(Hosts.usual(), 1))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("userns_options");
    }

    @Test
    void usersBeyondTheNamespaceAreRefused() {
        samples.user = new UserRequest(70_000L, 0L, "", List.of(), SupplementalGroupsPolicy.MERGE);
        assertThatThrownBy(this::prepared).isInstanceOf(InvalidSpec.class).hasMessageContaining("70000");
        samples.user = new UserRequest(1L, 0L, "", List.of(65_536L), SupplementalGroupsPolicy.MERGE);
        assertThatThrownBy(this::prepared).isInstanceOf(InvalidSpec.class).hasMessageContaining("65536");
    }

    private void prepared() {
        Answers none = new Answers(Map.of("passwd", Bytes.EMPTY));
        new ContainerPlanner(Hosts.usual(), Settings.DEFAULT).prepared(samples.order(), none);
    }

    @Test
    void devicesElsewhereThanBelowDevAreRefused() {
        samples.hostDevices =
                List.of(new HostDevice("/srv/fuse", "/dev/fuse", DeviceKind.CHARACTER, 10, 229, 0666, 0, 0, "rwm"));
        assertThatThrownBy(() -> start(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("/srv/fuse");
    }

    @Test
    void aMountMapsBothKindsOfIds() {
        MountSpec half = new MountSpec(
                "/half",
                "/srv/half",
                false,
                false,
                Propagation.PRIVATE,
                false,
                Samples.USER_NAMESPACE.uids(),
                List.of(),
                null,
                List.of(),
                false);
        samples.volume(half, Peering.SHARED);
        assertThatThrownBy(() -> create(Hosts.usual(), 1))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("mounts[0].gidMappings");
    }
}
