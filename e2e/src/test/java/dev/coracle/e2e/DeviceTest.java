package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.Device;
import io.grpc.Status.Code;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Devices of the node that a container is given by path. The kernel's log stands for them: every node has it. */
@DaemonTest
final class DeviceTest {
    private static final String LOG = "/dev/kmsg";

    private static ContainerConfig with(RunningPod pod, Containers container, String host, String path, String access) {
        return container.in(
                pod.config(),
                c -> c.addDevices(Device.newBuilder()
                        .setHostPath(host)
                        .setContainerPath(path)
                        .setPermissions(access)));
    }

    @Test
    @Tag("vm")
    @Field(
            value = "Device.container_path",
            does = "where the node is made, with the host node's mode, and its owner unless configured otherwise")
    @Field(
            value = "Device.host_path",
            does = "a node, or a directory of which every node below it is made; what is not there is refused")
    @Field(value = "Device.permissions", does = "what the device control group allows; all where it is empty")
    void accessIsWhatWasAskedFor(Rig rig) {
        RunningPod pod = rig.run(Pods.named("devices").hostNetwork());
        RunningContainer reader =
                pod.start(with(pod, rig.idle().named("reader").addCapability("SYSLOG"), LOG, "/dev/log/r", "r"));
        assertThat(reader.exec("sh", "-c", ": < /dev/log/r").getExitCode()).isZero();
        assertThat(reader.exec("sh", "-c", ": > /dev/log/r").getExitCode()).isNotZero();
        RunningContainer writer =
                pod.start(with(pod, rig.idle().named("writer").addCapability("SYSLOG"), LOG, "/log", "w"));
        assertThat(writer.exec("sh", "-c", ": > /log").getExitCode()).isZero();
        assertThat(writer.exec("sh", "-c", ": < /log").getExitCode()).isNotZero();
        RunningContainer all = pod.start(with(pod, rig.idle().named("all").addCapability("SYSLOG"), LOG, LOG, "rwm"));
        assertThat(all.exec("sh", "-c", ": <> /dev/kmsg").getExitCode()).isZero();
        RunningContainer none = pod.start(rig.idle().named("none").addCapability("SYSLOG"));
        assertThat(none.exec("sh", "-c", "mknod /dev/k c 1 11 && : < /dev/k").getExitCode())
                .isNotZero();
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    @Field("Device.host_path")
    @Field("Device.container_path")
    void aDirectoryIsEveryNodeBelowIt(Rig rig) {
        Path toys = rig.folder("devices");
        rig.node()
                .command(
                        "sh",
                        "-c",
                        "cd " + toys + " && mkdir box && mknod log c 1 11 && mknod box/zero c 1 5 && touch box/file"
                                + " && chmod 640 log && chown 12:34 log")
                .text();
        RunningPod pod = rig.run(Pods.named("device-folder").hostNetwork());
        RunningContainer container =
                pod.start(with(pod, rig.idle().addCapability("SYSLOG"), toys.toString(), "/dev/toys", "rw"));
        assertThat(container.output("find", "/dev/toys").lines().toList())
                .containsExactlyInAnyOrder("/dev/toys", "/dev/toys/log", "/dev/toys/box", "/dev/toys/box/zero");
        assertThat(container.output("stat", "-c", "%t:%T %a %u %g", "/dev/toys/log"))
                .isEqualTo("1:b 640 12 34\n");
        assertThat(container.exec("sh", "-c", ": <> /dev/toys/log").getExitCode())
                .isZero();
    }

    @Test
    void allMayBeDoneWhereNothingIsSaid(Rig rig) {
        RunningPod pod = rig.run(Pods.named("all-access").hostNetwork());
        RunningContainer container = pod.start(with(pod, rig.idle().addCapability("SYSLOG"), LOG, "/dev/own", ""));
        assertThat(container.exec("sh", "-c", ": <> /dev/own").getExitCode()).isZero();
        assertThat(container.exec("sh", "-c", "mknod /tmp/made c 1 11").getExitCode())
                .isZero();
    }

    @Test
    @CoracleOnly
    @Field("Device.host_path")
    void whatIsNoDeviceIsRefused(Rig rig) {
        RunningPod pod = rig.run(Pods.named("no-device").hostNetwork());
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT, () -> pod.create(with(pod, rig.idle(), "/dev/absent", "/dev/x", "r"))))
                .startsWith("devices[0].host_path: /dev/absent cannot be looked at");
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT, () -> pod.create(with(pod, rig.idle(), "/etc/passwd", "/dev/x", "r"))))
                .isEqualTo("devices[0].host_path: /etc/passwd is neither a device nor a directory with devices");
    }
}
