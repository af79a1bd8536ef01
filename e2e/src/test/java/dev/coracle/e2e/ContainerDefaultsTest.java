package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What table {@code [containers]} of the configuration says holds for every container. */
@DaemonTest
@CoracleOnly
final class ContainerDefaultsTest {
    private String before = "";

    @BeforeEach
    void configure(Rig rig) throws IOException {
        before = Files.readString(rig.daemon().dirs().config());
        restart(rig, before + "[containers]\npids_limit = 20\ndevice_ownership_from_security_context = true\n");
    }

    @AfterEach
    void configureBack(Rig rig) {
        restart(rig, before);
    }

    private static void restart(Rig rig, String configuration) {
        rig.daemon().dirs().configure(configuration);
        rig.daemon().stop();
        rig.startDaemon();
    }

    @Test
    void noContainerHasMoreProcesses(Rig rig) {
        RunningPod pod = rig.run(Pods.named("few").hostNetwork());
        RunningContainer idle = pod.start(rig.idle());
        assertThat(ContainerCgroup.of(idle.id()).read("pids/pids.max", "pids.max"))
                .isEqualTo("20");
        RunningContainer forking = pod.start(LimitFieldsTest.forking(rig).named("forking"));
        ContainerStatus ended = forking.awaitExit();
        assertThat(ended.getExitCode()).isNotZero();
        assertThat(forking.log().stderr()).contains("can't fork: Resource temporarily unavailable");
        assertThat(idle.output("echo", "not its affair")).isEqualTo("not its affair\n");
    }

    @Test
    void devicesBelongToTheContainersUser(Rig rig) {
        Path toys = rig.folder("devices");
        rig.node()
                .command("sh", "-c", "cd " + toys + " && mknod log c 1 11 && chmod 640 log && chown 12:34 log")
                .text();
        RunningPod pod = rig.run(Pods.named("owned-devices").hostNetwork());
        RunningContainer users = pod.start(
                with(pod, rig.idle().named("users").user(1000, 1001).addCapability("SYSLOG"), toys.resolve("log")));
        assertThat(users.output("stat", "-c", "%a %u %g", "/dev/log")).isEqualTo("640 1000 1001\n");
        assertThat(users.exec("sh", "-c", ": > /dev/log").getExitCode()).isZero();
        RunningContainer roots = pod.start(with(pod, rig.idle().named("roots"), toys.resolve("log")));
        assertThat(roots.output("stat", "-c", "%a %u %g", "/dev/log")).isEqualTo("640 12 34\n");
    }

    private static ContainerConfig with(RunningPod pod, Containers container, Path device) {
        return container.in(
                pod.config(),
                c -> c.addDevices(Device.newBuilder()
                        .setHostPath(device.toString())
                        .setContainerPath("/dev/log")
                        .setPermissions("rw")));
    }
}
