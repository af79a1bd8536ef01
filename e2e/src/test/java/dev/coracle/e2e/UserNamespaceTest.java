package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.IDMapping;
import dev.coracle.proto.v1.LinuxContainerConfig;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.NamespaceOption;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.StatusResponse;
import dev.coracle.proto.v1.UserNamespace;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pods with user namespaces of their own: who is who inside, and what of it is seen outside. */
@DaemonTest
@CoracleOnly
final class UserNamespaceTest {
    private static final IDMapping RANGE = IDMapping.newBuilder()
            .setContainerId(0)
            .setHostId(100_000)
            .setLength(65_536)
            .build();

    private static UserNamespace.Builder own() {
        return UserNamespace.newBuilder()
                .setMode(NamespaceMode.POD)
                .addUids(RANGE)
                .addGids(RANGE);
    }

    static Pods pod() {
        return Pods.named("userns").userNamespace(own());
    }

    private static StatusResponse status(Rig rig) {
        return rig.client().runtime().status(StatusRequest.getDefaultInstance());
    }

    private static boolean can(Rig rig) {
        return status(rig).getRuntimeHandlers(0).getFeatures().getUserNamespaces();
    }

    static void assumeCan(Rig rig) {
        assumeTrue(can(rig), "this kernel cannot map the ids of a tmpfs: user namespaces are refused");
    }

    @Test
    @Field(
            value = "RuntimeHandlerFeatures.user_namespaces",
            does = "whether a plan that does what they need succeeded at start; false before Linux 6.3")
    @Field(value = "RuntimeFeatures.user_namespaces_host_network", does = "the same")
    @Tag("vm")
    void statusTellsAndWhatCannotBeIsRefused(Rig rig) {
        String release = System.getProperty("os.version");
        int major = Integer.parseInt(release.split("[.]", -1)[0]);
        int minor = Integer.parseInt(release.split("[.]", -1)[1]);
        if (major < 6 || (major == 6 && minor < 3)) {
            assertThat(can(rig)).isFalse();
            assertThat(status(rig).getFeatures().getUserNamespacesHostNetwork()).isFalse();
            assertThat(Refused.with(Status.Code.UNIMPLEMENTED, () -> rig.run(pod().hostNetwork())))
                    .contains("6.3");
            assertThat(rig.client().pods()).isEmpty();
        } else {
            assertThat(can(rig)).isTrue();
            assertThat(status(rig).getFeatures().getUserNamespacesHostNetwork()).isTrue();
        }
    }

    @Test
    @Field(value = "IDMapping.host_id", does = "first id outside")
    @Field(value = "IDMapping.length", does = "how many; a user or group beyond is refused")
    void rootInsideIsNobodyOutside(Rig rig) throws IOException {
        assumeCan(rig);
        Path folder = rig.folder("unmapped");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        RunningPod pod = rig.run(pod().sysctl("net.core.somaxconn", "77").sysctl("kernel.shm_rmid_forced", "1"));
        RunningContainer container = pod.start(rig.idle().mount(folder, "/v"));
        for (String process : List.of("1", "self")) {
            assertThat(container.output("cat", "/proc/" + process + "/uid_map", "/proc/" + process + "/gid_map"))
                    .containsPattern("\\A(\\s+0\\s+100000\\s+65536\\n){2}\\z");
        }
        assertThat(container.output("readlink", "/proc/self/ns/user"))
                .isEqualTo(container.output("readlink", "/proc/1/ns/user"));
        assertThat(container.output("id", "-u")).isEqualTo("0\n");
        container.output("touch", "/v/file");
        assertThat(Files.getAttribute(folder.resolve("file"), "unix:uid")).isEqualTo(100_000);
        String owners = container.output(
                "stat",
                "-c",
                "%u %g",
                "/",
                "/bin/busybox",
                "/etc/hosts",
                "/dev",
                "/dev/pts",
                "/dev/shm",
                "/sys/class/net/eth0/mtu");
        assertThat(owners.lines()).hasSize(7).containsOnly("0 0");
        assertThat(container.output("stat", "-c", "%u %g", "/home/app")).isEqualTo("1000 1000\n");
        assertThat(container.output("cat", "/proc/sys/net/core/somaxconn", "/proc/sys/kernel/shm_rmid_forced"))
                .isEqualTo("77\n1\n");
        assertThat(container.output("hostname")).isEqualTo("userns\n");
        assertThat(container.output("ip", "-o", "addr")).contains(pod.ip());
    }

    @Test
    @Field("IDMapping.host_id")
    void volumesShowTheIdsThatLieOnDisk(Rig rig) throws IOException {
        assumeCan(rig);
        Path folder = rig.folder("mapped");
        Path secret = rig.folder("secret");
        rig.node().command("mount", "-t", "tmpfs", "secret", secret.toString()).text();
        try {
            rig.node()
                    .command("sh", "-c", "echo hidden > " + secret + "/key; chmod 400 " + secret + "/key")
                    .text();
            RunningContainer container = rig.run(pod().hostNetwork())
                    .start(rig.idle()
                            .mount(folder, "/v", m -> m.addUidMappings(RANGE).addGidMappings(RANGE))
                            .mount(
                                    secret,
                                    "/secret",
                                    m -> m.setReadonly(true)
                                            .addUidMappings(RANGE)
                                            .addGidMappings(RANGE)));
            assertThat(container.output("cat", "/secret/key")).isEqualTo("hidden\n");
            container.output("sh", "-c", "touch /v/root; touch /v/app; chown 1000:1000 /v/app");
            assertThat(Files.getAttribute(folder.resolve("root"), "unix:uid")).isEqualTo(0);
            assertThat(Files.getAttribute(folder.resolve("app"), "unix:gid")).isEqualTo(1000);
            assertThat(container.status().getMountsList())
                    .allSatisfy(m -> assertThat(m.getUidMappingsList()).containsExactly(RANGE));
            rig.removeAllPods();
        } finally {
            rig.node().command("umount", secret.toString()).text();
        }
    }

    /** proc takes no idmapped mounts. */
    @Test
    void volumeThatCannotBeMappedFailsTheStart(Rig rig) {
        assumeCan(rig);
        RunningContainer container = rig.run(pod().hostNetwork())
                .create(rig.idle()
                        .mount(
                                Path.of("/proc/sys"),
                                "/v",
                                m -> m.addUidMappings(RANGE).addGidMappings(RANGE)));
        assertThat(Refused.anyhow(container::start)).contains("idmap").contains("EINVAL");
        assertThat(container.status().getReason()).isEqualTo("StartError");
    }

    @Test
    void userTerminalAndManyLayers(Rig rig) {
        assumeCan(rig);
        RunningPod pod = rig.run(pod().hostNetwork());
        RunningContainer terminal =
                pod.start(rig.busybox("tty; stat -c '%u %g' /dev/pts/0; id -u; echo written > /dev/stdout")
                        .tty()
                        .user(1000, 1000));
        assertThat(terminal.awaitExit().getExitCode()).isZero();
        assertThat(terminal.log().stdout().replace("\r", "")).isEqualTo("/dev/pts/0\n1000 5\n1000\nwritten\n");
        RunningContainer layers =
                pod.start(rig.container("layers:120").named("layers").command("cat", "/top"));
        assertThat(layers.awaitExit().getExitCode()).isZero();
        assertThat(layers.log().stdout()).isEqualTo("120\n");
    }

    @Test
    void commandsAfterARestartOfTheDaemon(Rig rig) {
        assumeCan(rig);
        RunningPod pod = rig.run(pod().sharedPid());
        RunningContainer first = pod.start(rig.idle().addCapability("SYS_PTRACE"));
        rig.daemon().kill();
        rig.startDaemon();
        assertThat(first.output("cat", "/proc/self/uid_map")).contains("100000");
        RunningContainer second = pod.start(rig.idle().named("second").user(1000, 1000));
        assertThat(second.output("id", "-u")).isEqualTo("1000\n");
        assertThat(second.output("ps")).contains("pause");
        assertThat(second.output("readlink", "/proc/self/ns/user"))
                .isEqualTo(first.output("readlink", "/proc/self/ns/user"));
        first.output("sh", "-c", "echo note > /dev/shm/note");
        assertThat(second.output("cat", "/dev/shm/note")).isEqualTo("note\n");
    }

    @Test
    void networkOfTheHost(Rig rig) {
        assumeCan(rig);
        RunningContainer container = rig.run(pod().hostNetwork()).start(rig.idle());
        assertThat(container.output("cat", "/proc/self/uid_map")).contains("100000");
        assertThat(container.output("ip", "-o", "link")).contains("e2e0");
        assertThat(container.exec("touch", "/sys/x").getExitCode()).isNotZero();
        assertThat(container.exec("ip", "link", "set", "lo", "down").getExitCode())
                .isNotZero();
    }

    @Test
    void privilegedInsideIsNotOutside(Rig rig) {
        assumeCan(rig);
        RunningContainer container =
                rig.run(pod().privileged()).start(rig.idle().privileged());
        assertThat(container.output("sh", "-c", "mount -t tmpfs x /mnt && hostname other && hostname"))
                .isEqualTo("other\n");
        assertThat(container.exec("sh", "-c", "echo 1 > /proc/sys/kernel/panic").getExitCode())
                .isNotZero();
        assertThat(container.exec("sh", "-c", "head -c 1 /dev/mem").getExitCode())
                .isNotZero();
        assertThat(container.output("sh", "-c", "head -c 4 /dev/zero | wc -c").strip())
                .isEqualTo("4");
    }

    static Stream<Arguments> impossible() {
        return Stream.of(
                Arguments.of("mode", own().setMode(NamespaceMode.CONTAINER)),
                Arguments.of("mode", own().setMode(NamespaceMode.TARGET)),
                Arguments.of("uids", own().addUids(RANGE)),
                Arguments.of("gids", own().clearGids()),
                Arguments.of("container_id", own().setGids(0, RANGE.toBuilder().setContainerId(1))),
                Arguments.of("uids", own().setMode(NamespaceMode.NODE)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("impossible")
    void podIsRefused(String field, UserNamespace.Builder user, Rig rig) {
        assertThat(Refused.with(
                        Status.Code.INVALID_ARGUMENT,
                        () -> rig.run(Pods.named("userns").hostNetwork().userNamespace(user))))
                .contains("userns_options")
                .contains(field);
        assertThat(rig.client().pods()).isEmpty();
    }

    /** Nothing said is POD, which needs ids of its own. */
    @Test
    @Field(
            value = "UserNamespace.mode",
            does = "POD: of the pod's own, the same for all its containers; NODE: the host's; another is refused")
    void whoSaysNodeHasTheNodesUsers(Rig rig) {
        UserNamespace.Builder node = UserNamespace.newBuilder().setMode(NamespaceMode.NODE);
        RunningContainer container =
                rig.run(Pods.named("nodes-users").userNamespace(node)).start(rig.idle());
        assertThat(container.output("cat", "/proc/self/uid_map")).containsPattern("\\A\\s+0\\s+0\\s+4294967295\\n\\z");
    }

    @Test
    @Field(value = "IDMapping.container_id", does = "of a pod: must be 0, in the one range there is")
    void rangesBeginWithRoot(Rig rig) {
        assumeCan(rig);
        UserNamespace.Builder late = UserNamespace.newBuilder().setMode(NamespaceMode.POD);
        late.addUids(RANGE.toBuilder().setContainerId(1)).addGids(RANGE);
        assertThat(Refused.with(
                        Status.Code.INVALID_ARGUMENT,
                        () -> rig.run(Pods.named("late").userNamespace(late))))
                .contains("container_id");
    }

    @Test
    @Field("IDMapping.length")
    void containersMustBeInThePodsNamespace(Rig rig) {
        assumeCan(rig);
        RunningPod pod = rig.run(pod().hostNetwork());
        for (Consumer<UserNamespace.Builder> change : List.<Consumer<UserNamespace.Builder>>of(
                u -> u.clear().setMode(NamespaceMode.NODE),
                u -> u.setUids(0, RANGE.toBuilder().setHostId(200_000)))) {
            ContainerConfig config =
                    rig.idle().in(pod.config(), c -> c.setLinux(withUserNamespace(c.getLinux(), change)));
            assertThat(Refused.with(Status.Code.INVALID_ARGUMENT, () -> pod.create(config)))
                    .contains("userns_options");
        }
        assertThat(Refused.with(
                        Status.Code.INVALID_ARGUMENT,
                        () -> pod.create(rig.idle().user(70_000, 0))))
                .contains("70000");
    }

    private static LinuxContainerConfig withUserNamespace(
            LinuxContainerConfig linux, Consumer<UserNamespace.Builder> change) {
        LinuxContainerSecurityContext security = linux.getSecurityContext();
        NamespaceOption namespaces = security.getNamespaceOptions();
        UserNamespace.Builder user = namespaces.getUsernsOptions().toBuilder();
        change.accept(user);
        return linux.toBuilder()
                .setSecurityContext(security.toBuilder()
                        .setNamespaceOptions(namespaces.toBuilder().setUsernsOptions(user)))
                .build();
    }
}
