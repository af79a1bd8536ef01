package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.IDMapping;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.SELinuxOption;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.StatusResponse;
import dev.coracle.proto.v1.UserNamespace;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * SELinux on a node with it: a kernel with the policy of {@code deploy/vm/selinux.cil}. Who is labelled how is the same whether the policy
 * is enforced or not.
 */
@DaemonTest
@CoracleOnly
@EnabledIf(
        value = "enabled",
        disabledReason = "no SELinux here; deploy/vm/run.sh --append 'security=selinux enforcing=1' SelinuxVmTest")
final class SelinuxVmTest {
    private static final String PROCESS = "system_u:system_r:container_t:s0:c\\d+,c\\d+";
    private static final String FILE = "system_u:object_r:container_file_t:";
    private static final int CRITEST_SPECS = 17;

    private static final Path ENFORCE = Path.of("/sys/fs/selinux/enforce");

    static boolean enabled() {
        return Files.exists(ENFORCE);
    }

    private static void requireEnforcement() throws IOException {
        assumeTrue(Files.readString(ENFORCE).startsWith("1"), "the policy is not enforced: boot with enforcing=1");
    }

    private static String label(RunningContainer container, String process) {
        return container.output("cat", "/proc/" + process + "/attr/current").replace("\0", "");
    }

    private static String level(String label) {
        return label.split(":", 4)[3];
    }

    private static Consumer<SELinuxOption.Builder> type(String type) {
        return options -> options.setType(type);
    }

    private static Containers asking(Rig rig, String name, Consumer<SELinuxOption.Builder> options) {
        SELinuxOption.Builder label = SELinuxOption.newBuilder();
        options.accept(label);
        return rig.idle().named(name).security(s -> s.setSelinuxOptions(label));
    }

    /** Of a file, as the container has it. */
    private static String ofFile(RunningContainer container, String path) {
        String pid = ContainerCgroup.of(container.id()).processes().getFirst();
        return Outcome.of("stat", "--format", "%C", "/proc/" + pid + "/root" + path)
                .text()
                .strip();
    }

    @Test
    void containersOfAPodHaveOneLabelAndThoseOfAnotherHaveAnother(Rig rig) {
        RunningPod pod = rig.run(Pods.named("one").hostNetwork());
        RunningContainer first = pod.start(rig.idle().named("first"));
        RunningContainer second = pod.start(rig.idle().named("second"));
        RunningContainer other =
                rig.run(Pods.named("two").hostNetwork().sharedPid()).start(rig.idle());
        assertThat(label(first, "1")).matches(PROCESS).isEqualTo(label(second, "1"));
        assertThat(label(first, "self")).as("an exec's").isEqualTo(label(first, "1"));
        assertThat(label(other, "self")).matches(PROCESS).isNotEqualTo(label(first, "1"));
        assertThat(label(other, "1")).as("of who reaps for the pod").isEqualTo(label(other, "self"));
    }

    @Test
    void aPodsLabelIsTheSameAfterARestartOfTheDaemon(Rig rig) {
        RunningPod pod = rig.run(Pods.named("lasting").hostNetwork());
        RunningContainer first = pod.start(rig.idle().named("first"));
        rig.daemon().kill();
        rig.startDaemon();
        String label = label(first, "1");
        assertThat(label).matches(PROCESS).isEqualTo(label(first, "self"));
        assertThat(label(pod.start(rig.idle().named("second")), "1")).isEqualTo(label);
    }

    @Test
    void aPodWithUsersOfItsOwnIsLabelledToo(Rig rig) {
        StatusResponse status = rig.client().runtime().status(StatusRequest.getDefaultInstance());
        assumeTrue(
                status.getRuntimeHandlers(0).getFeatures().getUserNamespaces(),
                "user namespaces need Linux 6.3 or later");
        IDMapping range =
                IDMapping.newBuilder().setHostId(100_000).setLength(65_536).build();
        RunningPod pod = rig.run(Pods.named("mapped")
                .hostNetwork()
                .userNamespace(UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(range)
                        .addGids(range)));
        RunningContainer container = pod.start(rig.idle());
        assertThat(label(container, "1")).matches(PROCESS).isEqualTo(label(container, "self"));
        container.output("touch", "/made", "/dev/shm/made");
        for (String path : new String[] {"/", "/t/pause", "/made", "/dev", "/dev/pts/ptmx", "/dev/shm/made"}) {
            assertThat(ofFile(container, path)).as(path).isEqualTo(FILE + level(label(container, "1")));
        }
    }

    @Test
    void filesHaveTheLevelOfTheirContainer(Rig rig) {
        RunningContainer container = rig.run(Pods.named("files").hostNetwork()).start(rig.idle());
        container.output("touch", "/made", "/dev/shm/made");
        String level = level(label(container, "1"));
        for (String path :
                new String[] {"/", "/t/pause", "/made", "/dev/null", "/dev/pts/ptmx", "/dev/shm", "/dev/shm/made"}) {
            assertThat(ofFile(container, path)).as(path).isEqualTo(FILE + level);
        }
        for (String path : new String[] {"/etc/hosts", "/etc/resolv.conf", "/etc/hostname"}) {
            assertThat(ofFile(container, path)).as(path + ", the pod's").isEqualTo(FILE + "s0");
        }
        container.output("touch", "/dev/mqueue/queue");
        assertThat(ofFile(container, "/dev/mqueue/queue"))
                .as("the policy's, with who made it")
                .isEqualTo("system_u:object_r:fs_t:" + level);
    }

    @Test
    void anImageThatIsAVolumeHasTheLabelToo(Rig rig) {
        String image = rig.client().pull(TestImages.name("whiteouts:1"));
        RunningContainer container = rig.run(Pods.named("image").hostNetwork())
                .start(rig.idle()
                        .mount(
                                Path.of("/"),
                                "/v",
                                m -> m.setHostPath("")
                                        .setReadonly(true)
                                        .setImage(ImageSpec.newBuilder().setImage(image))));
        assertThat(container.output("cat", "/v/w/kept")).isEqualTo("below\n");
        assertThat(ofFile(container, "/v/w/kept")).isEqualTo(FILE + level(label(container, "1")));
    }

    @Test
    void aContainerReachesWhatIsItsOwnAndItsPods(Rig rig) {
        RunningPod pod = rig.run(Pods.named("reaching").hostNetwork());
        RunningContainer terminal = pod.start(
                rig.busybox("for f in /etc/hosts /etc/resolv.conf /etc/hostname /proc/self/status /proc/1/status"
                                + " /proc/sys/kernel/ostype /sys/kernel/mm/transparent_hugepage/enabled; do"
                                + " cat $f > /tmp/$$ || exit 3; done; echo note > /dev/shm/note || exit 4;"
                                + " echo reached > /dev/tty; exec /t/pause")
                        .named("terminal")
                        .tty());
        terminal.awaitLog("reached");
        RunningContainer neighbour = pod.start(rig.idle().named("neighbour").user(1000, 1000));
        assertThat(neighbour.output("cat", "/dev/shm/note")).isEqualTo("note\n");
        assertThat(neighbour.output("sh", "-c", "echo x > /tmp/x && cat /tmp/x /dev/null"))
                .isEqualTo("x\n");
    }

    @Test
    void whatIsAnotherPodsOrTheNodesIsOutOfReachWhereThePolicyIsEnforced(Rig rig) throws IOException {
        requireEnforcement();
        Path volume = rig.folder("volume");
        Path nodes = rig.folder("nodes");
        Files.writeString(volume.resolve("file"), "pods\n");
        Files.writeString(nodes.resolve("file"), "nodes\n");
        RunningPod pod = rig.run(Pods.named("owner").hostNetwork());
        RunningContainer owner = pod.start(
                rig.idle().mount(volume, "/v", m -> m.setSelinuxRelabel(true)).mount(nodes, "/nodes"));
        RunningContainer second = pod.start(rig.idle().named("second").mount(volume, "/v"));
        RunningContainer stranger =
                rig.run(Pods.named("stranger").hostNetwork()).start(rig.idle().mount(volume, "/v"));
        RunningContainer agent = pod.start(
                asking(rig, "agent", type("spc_t")).mount(volume, "/v").mount(nodes, "/nodes"));
        assertThat(owner.output("sh", "-c", "echo more >> /v/file && cat /v/file"))
                .isEqualTo("pods\nmore\n");
        assertThat(second.output("cat", "/v/file")).as("of the same pod").isEqualTo("pods\nmore\n");
        assertThat(stranger.exec("cat", "/v/file").getStderr().toStringUtf8())
                .as("of another pod")
                .contains("Permission denied");
        assertThat(stranger.exec("sh", "-c", "echo x >> /v/file").getExitCode()).isNotZero();
        assertThat(owner.exec("cat", "/nodes/file").getStderr().toStringUtf8())
                .as("a volume that nobody relabels")
                .contains("Permission denied");
        assertThat(agent.output("cat", "/v/file", "/nodes/file")).isEqualTo("pods\nmore\nnodes\n");
    }

    @Test
    @Field("SELinuxOption.type")
    @Field("SELinuxOption.level")
    void aLabelThatIsAskedForIsTheOneThatIsHad(Rig rig) {
        RunningPod pod = rig.run(Pods.named("asked")
                .hostNetwork()
                .security(s -> s.setSelinuxOptions(SELinuxOption.newBuilder().setLevel("s0:c7,c8"))));
        assertThat(label(pod.start(rig.idle().named("pods")), "1")).isEqualTo("system_u:system_r:container_t:s0:c7,c8");
        RunningContainer own = pod.start(
                asking(rig, "own", options -> options.setType("svirt_lxc_net_t").setLevel("s0:c1,c9")));
        assertThat(label(own, "1")).isEqualTo("system_u:system_r:svirt_lxc_net_t:s0:c1,c9");
        assertThat(ofFile(own, "/t/pause")).isEqualTo(FILE + "s0:c1,c9");
        RunningContainer agent = pod.start(asking(rig, "agent", type("spc_t")));
        assertThat(label(agent, "self")).isEqualTo("system_u:system_r:spc_t:s0:c7,c8");
    }

    @Test
    void aLabelThatThePolicyDoesNotHaveIsRefused(Rig rig) {
        RunningPod pod = rig.run(Pods.named("refused").hostNetwork());
        assertThat(Refused.with(Code.INVALID_ARGUMENT, () -> pod.create(asking(rig, "a", type("absent_t")))))
                .startsWith("linux.security_context.selinux_options: this node's SELinux policy does not have"
                        + " system_u:system_r:absent_t:s0:c");
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> pod.create(asking(rig, "b", options -> options.setLevel("s0,c4,c5")))))
                .startsWith("linux.security_context.selinux_options: ")
                .contains("s0,c4,c5");
        Pods absent = Pods.named("absent")
                .hostNetwork()
                .security(s -> s.setSelinuxOptions(SELinuxOption.newBuilder().setType("absent_t")));
        assertThat(Refused.with(Code.INVALID_ARGUMENT, () -> rig.run(absent))).contains("absent_t");
        assertThat(rig.client().pods()).hasSize(1);
    }

    @Test
    void whoIsPrivilegedOrSeesTheHostsProcessesIsNotConfined(Rig rig) {
        RunningContainer privileged = rig.run(
                        Pods.named("privileged").hostNetwork().privileged())
                .start(rig.idle().privileged());
        assertThat(label(privileged, "self")).as("by the policy").isEqualTo("system_u:system_r:spc_t:s0");
        RunningContainer agent =
                rig.run(Pods.named("host-pid").hostNetwork().hostPid()).start(rig.idle());
        assertThat(label(agent, "self")).isEqualTo("system_u:system_r:spc_t:s0");
    }

    @Test
    @Field(
            value = "Mount.selinux_relabel",
            does = "with SELinux, and where the container is confined: the source and all below it gets the label of"
                    + " the container's files; refused for directories that are the node's own, as /etc")
    void aVolumeIsRelabelledWhereTheClientAsksForIt(Rig rig) throws IOException {
        Path asked = rig.folder("asked").resolve("a");
        Path below = Files.createDirectories(asked.resolve("b"));
        Path file = Files.writeString(below.resolve("file"), "x");
        Path outside = Files.writeString(rig.folder("outside").resolve("file"), "x");
        Files.createSymbolicLink(below.resolve("link"), outside);
        Path kept = rig.folder("kept");
        RunningPod pod = rig.run(Pods.named("volumes").hostNetwork());
        RunningContainer container = pod.start(rig.idle()
                .mount(asked, "/asked", m -> m.setSelinuxRelabel(true))
                .mount(kept, "/kept"));
        String label = FILE + level(label(container, "1"));
        assertThat(ofFile(container, "/asked")).isEqualTo(label);
        assertThat(ofFile(container, "/asked/b/file")).isEqualTo(label);
        assertThat(Outcome.of("stat", "--format", "%C", file.toString()).text()).isEqualTo(label + "\n");
        assertThat(Outcome.of("stat", "--format", "%C", outside.toString()).text())
                .as("where a link leads")
                .doesNotContain("container_file_t");
        assertThat(ofFile(container, "/kept")).doesNotContain("container_file_t");

        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> pod.create(rig.idle()
                                .named("greedy")
                                .mount(Path.of("/etc"), "/host", m -> m.setSelinuxRelabel(true)))))
                .isEqualTo("mounts[0].selinux_relabel: refuses to give all of /etc a container's label: the node's own"
                        + " programs need it as it is");
        RunningContainer agent = pod.start(
                asking(rig, "agent", type("spc_t")).mount(Path.of("/etc"), "/host", m -> m.setSelinuxRelabel(true)));
        assertThat(ofFile(agent, "/host"))
                .as("who is not confined needs no label")
                .doesNotContain("container_file_t");
    }

    /** Not enforced: they have been run so only. */
    @Test
    void specsOfCritest(Rig rig) throws IOException {
        String before = Files.readString(ENFORCE);
        Files.writeString(ENFORCE, "0", StandardOpenOption.WRITE);
        try {
            CritestReport report = new Critest(rig).run("-ginkgo.focus", "\\[k8s.io\\] SELinux ");
            CritestVerdict verdict =
                    CritestVerdict.of(report, new CritestChoice(Map.of("", "not about SELinux"), Map.of()));
            verdict.requireNothingUnexpected();
            assertThat(verdict.passed()).isEqualTo(CRITEST_SPECS);
        } finally {
            Files.writeString(ENFORCE, before, StandardOpenOption.WRITE);
        }
    }
}
