package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a container's end is told: exit code, reason, times; and that memory was the cause. */
@DaemonTest
final class ExitTest {

    @ParameterizedTest
    @CsvSource({"exit 0, 0, Completed", "exit 1, 1, Error", "exit 255, 255, Error"})
    void codesAndReasons(String script, int code, String reason, Rig rig) {
        RunningPod pod = rig.run(Pods.named("codes").hostNetwork());
        RunningContainer container = pod.start(rig.busybox(script));
        ContainerStatus status = container.awaitExit();
        assertThat(status.getExitCode()).isEqualTo(code);
        assertThat(status.getReason()).isEqualTo(reason);
    }

    @Test
    void signalFromOutsideIs128PlusItsNumber(Rig rig) {
        RunningPod pod = rig.run(Pods.named("signal").hostNetwork().hostPid());
        RunningContainer container = pod.start(rig.busybox("echo pid $$; exec sleep 4242"));
        String pid = container.awaitLog("pid ").stdout().strip().substring(4);
        Outcome.of("kill", "-s", "TERM", pid).text();
        assertThat(container.awaitExit().getExitCode()).isEqualTo(143);
    }

    @Test
    void timesAreInOrder(Rig rig) {
        RunningPod pod = rig.run(Pods.named("times").hostNetwork());
        RunningContainer container = pod.create(rig.busybox("sleep 0.3"));
        ContainerStatus created = container.status();
        assertThat(created.getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(created.getCreatedAt()).isPositive();
        assertThat(created.getStartedAt()).isZero();
        assertThat(created.getFinishedAt()).isZero();
        container.start();
        ContainerStatus exited = container.awaitExit();
        assertThat(exited.getStartedAt()).isGreaterThan(exited.getCreatedAt());
        assertThat(exited.getFinishedAt() - exited.getStartedAt())
                .isBetween(
                        Duration.ofMillis(250).toNanos(), Duration.ofSeconds(20).toNanos());
    }

    @Test
    void missingProgramFailsTheStart(Rig rig) {
        RunningPod pod = rig.run(Pods.named("missing").hostNetwork());
        RunningContainer container = pod.create(rig.container("busybox:1").command("/no/such/program"));
        assertThat(Refused.anyhow(container::start)).contains("/no/such/program");
        ContainerStatus status = container.status();
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getReason()).isEqualTo("StartError");
        assertThat(status.getExitCode()).isEqualTo(128);
        assertThat(status.getMessage()).contains("/no/such/program");
    }

    @Test
    @Field(value = "StartContainerRequest.container_id", does = "must be created and not yet started")
    void startIsOnlyForCreatedContainers(Rig rig) {
        RunningPod pod = rig.run(Pods.named("twice").hostNetwork());
        RunningContainer running = pod.start(rig.idle().named("running"));
        Refused.anyhow(running::start);
        assertThat(running.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        RunningContainer exited = pod.start(rig.busybox("exit 0").named("exited"));
        exited.awaitExit();
        Refused.anyhow(exited::start);
    }

    @Test
    @Tag("vm")
    void outOfMemoryOfTheMainProcess(Rig rig) {
        RunningPod pod = rig.run(Pods.named("oom").hostNetwork());
        RunningContainer container =
                pod.start(rig.container("busybox:1").command("/t/hog", "200").memory(32));
        ContainerStatus status = container.awaitExit();
        assertThat(status.getExitCode()).isEqualTo(137);
        assertThat(status.getReason()).isEqualTo("OOMKilled");
    }

    @Test
    @Tag("vm")
    void outOfMemoryOfAChild(Rig rig) {
        RunningPod pod = rig.run(Pods.named("oom-child").hostNetwork());
        RunningContainer container = pod.start(
                rig.container("busybox:1").command("/t/hog", "200", "child").memory(32));
        container.awaitLog("child ended by signal 9");
        assertThat(container.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        container.stop(Duration.ZERO);
        ContainerStatus status = container.status();
        assertThat(status.getExitCode()).isEqualTo(137);
        assertThat(status.getReason()).isEqualTo("OOMKilled");
    }
}
