package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.Plan;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PodId;
import dev.coracle.spec.SelinuxLabel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SELinux: which labels containers get, and where plans say so. */
class SelinuxPlanTest {
    private static final Host HOST = Hosts.withSelinux(Hosts.VERSION_2, new KernelRelease(6, 12), true);
    private static final Host DEBIAN_12 = Hosts.withSelinux(Hosts.VERSION_2, new KernelRelease(6, 1), false);
    private static final Host VERSION_1 = Hosts.withSelinux(Hosts.VERSION_1, new KernelRelease(6, 1), false);

    private static final String OF_THE_POD = "c269,c270";

    private final Samples samples = new Samples();

    private static SelinuxLabel level(String level) {
        return SelinuxLabel.NONE.at(level);
    }

    private Plan create(Host host, int layers) {
        return new ContainerPlanner(host, Settings.DEFAULT)
                .create(samples.order(), Samples.layers(layers), samples.images);
    }

    private Plan start(Host host) {
        return new ContainerPlanner(host, Settings.DEFAULT).start(samples.order(), samples.facts());
    }

    private String process() {
        return SelinuxLabels.of(samples.order(), HOST).process().text();
    }

    private String files() {
        return SelinuxLabels.of(samples.order(), HOST).files().text();
    }

    @Test
    void podsMemory() {
        assertGolden("sandbox-selinux", sandbox());
    }

    /** It executes nothing, and so is labelled where it is; not where the pod's containers are confined by nothing either. */
    @Test
    void firstProcessOfASharedPidNamespace() {
        samples.podModes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("sandbox-selinux-shared-pid", sandbox());
        samples.podModes = Samples.in(Samples.USER_NAMESPACE, NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("sandbox-selinux-userns-shared-pid", sandbox());
        samples.podModes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.NODE);
        assertThat(sandbox().text()).as("host ipc").doesNotContain("attr/current");
        samples.podLabel = level("s0:c9");
        assertThat(sandbox().text()).contains("attr/current system_u:system_r:container_t:s0:c9 ignoring EACCES\n");
        samples.privileged = true;
        assertThat(sandbox().text()).as("privileged").doesNotContain("attr/current");
    }

    private Plan sandbox() {
        return new SandboxPlanner(HOST, Settings.DEFAULT).plan(samples.pod(), Samples.allowAll());
    }

    @Test
    void root() {
        assertGolden("create-selinux", create(HOST, 2));
        assertGolden("create-selinux-6.1", create(DEBIAN_12, 2));
        assertGolden("create-selinux-120-layers-6.1", create(DEBIAN_12, 120));
    }

    @Test
    void processAndMounts() {
        assertGolden("start-selinux", start(HOST));
        assertGolden("start-selinux-cgroup-v1", start(VERSION_1));
    }

    @Test
    void inAPodWithIdsOfItsOwn() {
        samples.own(Samples.USER_NAMESPACE);
        assertGolden("start-selinux-userns", start(HOST));
    }

    /** An image of one layer becomes an overlay as well: its files have no label of a container's. */
    @Test
    void imagesAsVolumes() {
        samples.image("/models", "", new VolumeLayers("/var/lib/coracle/layers", List.of("m0")), List.of())
                .image("/weights", "", new VolumeLayers("/var/lib/coracle/layers", List.of("m0", "m1")), List.of());
        assertGolden("start-selinux-mounted-images", start(DEBIAN_12));
        assertGolden("create-selinux-mounted-images", create(HOST, 2));
    }

    @Test
    void exec() {
        assertGolden("exec-selinux", new ExecPlanner(HOST, Settings.DEFAULT).plan(samples.exec("true")));
    }

    @Test
    void aPodHasCategoriesOfItsOwn() {
        assertThat(process()).isEqualTo("system_u:system_r:container_t:s0:" + OF_THE_POD);
        assertThat(files()).isEqualTo("system_u:object_r:container_file_t:s0:" + OF_THE_POD);
        assertThat(SelinuxLabels.categories(new PodId("0".repeat(64))))
                .as("two of them")
                .isEqualTo("c0,c1");
        assertThat(SelinuxLabels.categories(new PodId("f".repeat(64)))).isEqualTo("c0,c1023");
    }

    @Test
    void eachPartIsTheContainersThePodsOrThePolicys() {
        samples.podLabel = new SelinuxLabel("", "", "pod_t", "s0:c7,c8");
        assertThat(process()).isEqualTo("system_u:system_r:pod_t:s0:c7,c8");
        samples.label = new SelinuxLabel("some_u", "some_r", "", "s0:c9");
        assertThat(process()).isEqualTo("some_u:some_r:pod_t:s0:c9");
        assertThat(files()).isEqualTo("some_u:object_r:container_file_t:s0:c9");
    }

    @Test
    void aPrivilegedContainerIsNotConfined() {
        samples.privileged = true;
        samples.label = level("s0:c9");
        assertThat(process()).isEmpty();
        assertThat(files()).isEqualTo("system_u:object_r:container_file_t:s0:c9");
    }

    @Test
    void whoSeesTheHostsProcessesOrMemoryIsConfinedOnlyIfItAsks() {
        for (NamespaceModes modes : List.of(
                NamespaceModes.of(NamespaceMode.POD, NamespaceMode.NODE, NamespaceMode.POD),
                NamespaceModes.of(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE))) {
            samples.podModes = modes;
            samples.modes = modes;
            samples.label = null;
            assertThat(process()).isEmpty();
            samples.label = level("s0:c9");
            assertThat(process()).isEqualTo("system_u:system_r:container_t:s0:c9");
        }
    }

    @Test
    void whatIsNotWrittenAsALabelIsRefused() {
        for (SelinuxLabel wrong : List.of(
                level("s0,c4,c5"),
                level("s0:c4,c5\",ro"),
                level("c4,c5"),
                new SelinuxLabel("", "", "container_t:s0", ""),
                new SelinuxLabel("", "", "a\nb", ""),
                new SelinuxLabel("", "r ", "", ""))) {
            samples.label = wrong;
            assertThatThrownBy(() -> create(HOST, 1))
                    .as(wrong.toString())
                    .isInstanceOf(InvalidSpec.class)
                    .hasMessageContaining("linux.security_context.selinux_options: ");
        }
        for (String right : List.of("s0", "s0:c1", "s0:c1,c2", "s0-s0:c0.c1023", "s15:c0.c3,c9")) {
            samples.label = level(right);
            assertThatCode(() -> create(HOST, 1)).as(right).doesNotThrowAnyException();
        }
    }

    @Test
    void whereThePolicyKnowsNoContainersLabelsAreRefused() {
        Host usual = Hosts.usual();
        Host unknowing = new Host(
                usual.hostname(),
                usual.kernel(),
                usual.architecture(),
                usual.cgroups(),
                true,
                usual.capabilities(),
                0,
                usual.hardLimits(),
                true,
                false,
                new SelinuxPolicy(true, SelinuxLabel.NONE, SelinuxLabel.NONE, SelinuxLabel.NONE),
                usual.hugepageSizes(),
                "");
        create(unknowing, 1);
        samples.label = level("s0:c9");
        assertThatThrownBy(() -> create(unknowing, 1))
                .isInstanceOf(Unsupported.class)
                .hasMessageStartingWith("apply SELinux label: this node's policy has no labels for containers");
    }

    @Test
    void partsOfTheNodeAreNotRelabelled() {
        for (String path : List.of("/", "/etc", "/etc/kubernetes", "/usr/share/zoneinfo", "/var/lib/kubelet", "/tmp")) {
            assertThatThrownBy(() -> RelabelRules.check(path, "mounts[0].selinux_relabel"))
                    .as(path)
                    .isInstanceOf(InvalidSpec.class)
                    .hasMessageStartingWith("mounts[0].selinux_relabel: refuses to give all of " + path);
        }
        for (String path : List.of("/etcetera", "/var/lib/kubelet/pods/1/volumes/v", "/tmp/x", "/srv/data")) {
            assertThatCode(() -> RelabelRules.check(path, "f")).as(path).doesNotThrowAnyException();
        }
    }
}
