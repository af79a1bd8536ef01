package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserRequest;
import dev.coracle.state.Prepared;
import dev.coracle.state.VolumeSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreatePlanTest {
    private final Samples samples = new Samples();

    private Plan plan(Host host, int layers) {
        return new ContainerPlanner(host, Settings.DEFAULT)
                .create(samples.order(), Samples.layers(layers), samples.images);
    }

    private Prepared prepared(Map<String, Bytes> answers) {
        return new ContainerPlanner(Hosts.usual(), Settings.DEFAULT).prepared(samples.order(), new Answers(answers));
    }

    @Test
    void layersByKernel() {
        assertGolden("create-3-layers", plan(Hosts.usual(), 3));
        assertGolden("create-120-layers", plan(Hosts.usual(), 120));
        assertGolden("create-40-layers-6.1", plan(Hosts.debian12(), 40));
        assertGolden("create-120-layers-6.1", plan(Hosts.debian12(), 120));
    }

    @Test
    void rootDirectoryOfTheImage() {
        Layers usual = Samples.layers(1);
        Layers layers = new Layers(
                usual.directory(), usual.names(), usual.upper(), usual.work(), new Layers.Root(01777, 1000, 50));
        Plan plan = new ContainerPlanner(Hosts.usual(), Settings.DEFAULT).create(samples.order(), layers, List.of());
        assertGolden("create-own-root", plan);
    }

    @Test
    void moreLayersThanAPageOfOptionsAreRefused() {
        assertThatThrownBy(() -> plan(Hosts.debian12(), 900))
                .isInstanceOf(Unsupported.class)
                .hasMessageStartingWith("mount root of 900 layers: ");
    }

    @Test
    void sourcesOfVolumes() {
        samples.volume(MountSpec.bind("/srv/data", "/data", false, Propagation.PRIVATE), Peering.PRIVATE)
                .volume(MountSpec.bind("/srv/file.txt", "/etc/file", true, Propagation.PRIVATE), Peering.PRIVATE);
        assertGolden("create-volumes", plan(Hosts.usual(), 1));
    }

    private static Bytes stat(int mode) {
        return Bytes.of(ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(mode)
                .array());
    }

    @Test
    void answersBecomeUserAndSources() {
        samples.volume(MountSpec.bind("/srv/data", "/data", false, Propagation.PRIVATE), Peering.PRIVATE)
                .volume(MountSpec.bind("/srv/link", "/f", true, Propagation.PRIVATE), Peering.PRIVATE);
        samples.user = new UserRequest(null, null, "web", List.of(), SupplementalGroupsPolicy.MERGE);
        assertThat(prepared(Map.of(
                        "passwd", Bytes.utf8("web:x:5:6::/home/web:\n"),
                        "group", Bytes.utf8("www:x:7:web\n"),
                        "mount0.stat", stat(0040755),
                        "mount0.realpath", Bytes.utf8("/srv/data"),
                        "mount1.stat", stat(0100644),
                        "mount1.realpath", Bytes.utf8("/srv/file"))))
                .isEqualTo(new Prepared(
                        new ResolvedUser(5, 6, List.of(6L, 7L), "/home/web"),
                        List.of(new VolumeSource("/srv/data", true), new VolumeSource("/srv/file", false))));
    }

    @Test
    void aMissingSourceIsRefusedByItsField() {
        samples.volume(MountSpec.bind("/srv/data", "/data", false, Propagation.PRIVATE), Peering.PRIVATE);
        assertThatThrownBy(() -> prepared(Map.of()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessage("mounts[0].host_path: /srv/data does not exist on this node");
    }

    @ParameterizedTest
    @CsvSource({
        "PRIVATE, PRIVATE, true",
        "HOST_TO_CONTAINER, PRIVATE, false",
        "HOST_TO_CONTAINER, SLAVE, true",
        "HOST_TO_CONTAINER, SHARED, true",
        "BIDIRECTIONAL, PRIVATE, false",
        "BIDIRECTIONAL, SLAVE, false",
        "BIDIRECTIONAL, SHARED, true",
    })
    void propagationThatCannotHoldIsRefused(Propagation propagation, Peering peering, boolean possible) {
        samples.volume(MountSpec.bind("/srv/data", "/data", false, propagation), peering);
        if (possible) {
            ContainerPlanner.checkPropagation(samples.order(), samples.peerings);
            return;
        }
        assertThatThrownBy(() -> ContainerPlanner.checkPropagation(samples.order(), samples.peerings))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("mounts[0].propagation: /srv/data is not on a shared ");
    }

    private void refused(Class<? extends RuntimeFailure> kind, String message) {
        assertThatThrownBy(() -> plan(Hosts.usual(), 1)).isInstanceOf(kind).hasMessageStartingWith(message);
    }

    private void mount(MountSpec mount) {
        samples.mounts = List.of(mount);
    }

    @Test
    void badMountsAreRefusedByTheirField() {
        mount(MountSpec.bind("srv", "/data", false, Propagation.PRIVATE));
        refused(InvalidSpec.class, "mounts[0].host_path: ");
        mount(MountSpec.bind("/srv", "", false, Propagation.PRIVATE));
        refused(InvalidSpec.class, "mounts[0].container_path: ");
        mount(MountSpec.bind("/srv", "/x/..", false, Propagation.PRIVATE));
        refused(InvalidSpec.class, "mounts[0].container_path: a volume cannot be");
        samples.mounts = List.of(
                MountSpec.bind("/a", "/d", false, Propagation.PRIVATE),
                MountSpec.bind("/b", "/d/", false, Propagation.PRIVATE));
        refused(InvalidSpec.class, "mounts[1].container_path: another volume is at /d already");
    }

    @Test
    void badOptionsOfMountsAreRefusedByTheirField() {
        mount(new MountSpec(
                "/d", "/s", false, true, Propagation.PRIVATE, false, List.of(), List.of(), null, List.of(), false));
        refused(InvalidSpec.class, "mounts[0].recursive_read_only: ");
        mount(new MountSpec(
                "/d",
                "/s",
                false,
                false,
                Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                null,
                List.of("suid"),
                false));
        refused(InvalidSpec.class, "mounts[0].mount_options: ");
        mount(new MountSpec(
                "/d",
                "/s",
                true,
                false,
                Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                new ImageVolume("x", ""),
                List.of(),
                false));
        refused(InvalidSpec.class, "mounts[0].host_path: ");
    }

    @Test
    void whatTheSpecContradictsIsRefused() {
        samples.command = List.of();
        samples.args = List.of();
        samples.image = ImageConfig.EMPTY;
        refused(InvalidSpec.class, "command: ");
        samples.command = List.of("server");
        samples.envs = List.of(new EnvVar("PATH", "relative:."));
        refused(InvalidSpec.class, "command: PATH names no directory");
        samples.envs = List.of(new EnvVar("A=B", "x"));
        refused(InvalidSpec.class, "envs: ");
        samples.envs = List.of(new EnvVar("HOME", "/root\nroot::0:0::/:"));
        refused(InvalidSpec.class, "envs: HOME holds a line break");
        samples.envs = List.of();
        samples.capabilities = new CapabilityRequest(List.of("CAP_FLY"), List.of(), List.of());
        refused(InvalidSpec.class, "linux.security_context.capabilities.add_capabilities: ");
    }

    @Test
    void limitsThatContradictAreRefused() {
        samples.resources = resources(100 << 20, 50 << 20, List.of());
        refused(InvalidSpec.class, "linux.resources.memory_swap_limit_in_bytes: ");
        samples.resources = resources(0, 50 << 20, List.of());
        refused(InvalidSpec.class, "linux.resources.memory_swap_limit_in_bytes: ");
        samples.resources = resources(0, 0, List.of(new HugepageLimit("3MB", 1)));
        refused(InvalidSpec.class, "linux.resources.hugepage_limits: this node has no");
        samples.resources = resources(0, 0, List.of(new HugepageLimit("../x", 0)));
        refused(InvalidSpec.class, "linux.resources.hugepage_limits: page size");
        samples.resources = unified("cgroup.procs");
        refused(InvalidSpec.class, "linux.resources.unified[cgroup.procs]: ");
        samples.resources = unified("../memory.max");
        refused(InvalidSpec.class, "linux.resources.unified[../memory.max]: ");
    }

    private static Resources resources(long memory, long swap, List<HugepageLimit> hugepages) {
        return new Resources(0, 0, 0, memory, swap, 0, "", "", 0, hugepages, Map.of());
    }

    private static Resources unified(String key) {
        return new Resources(0, 0, 0, 0, 0, 0, "", "", 0, List.of(), Map.of(key, "1"));
    }

    @Test
    void unifiedNeedsVersion2() {
        samples.resources = unified("memory.high");
        assertThatThrownBy(() -> plan(Hosts.with(Hosts.HYBRID), 1)).isInstanceOf(Unsupported.class);
    }

    @Test
    void profilesThatCannotBeAreRefused() {
        samples.seccomp = new SecurityProfile.Localhost("profiles/x.json");
        refused(InvalidSpec.class, "linux.security_context.seccomp.localhost_ref: ");
    }

    @Test
    void privilegeComesFromThePod() {
        samples.privileged = true;
        ContainerOrder order = samples.order();
        samples.privileged = false;
        ContainerOrder unlike = new ContainerOrder(order.id(), samples.pod(), order.spec(), order.image());
        assertThatThrownBy(() -> new ContainerPlanner(Hosts.usual(), Settings.DEFAULT)
                        .create(unlike, Samples.layers(1), List.of()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("linux.security_context.privileged: ");
    }

    @Test
    void aTargetNeedsAnId() {
        samples.modes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.TARGET, NamespaceMode.POD);
        refused(InvalidSpec.class, "linux.security_context.namespace_options.target_id: ");
    }
}
