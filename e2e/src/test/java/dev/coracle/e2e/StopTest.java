package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** StopContainer: signal, grace, kill. */
@DaemonTest
final class StopTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static Duration timed(Runnable call) {
        long begin = System.nanoTime();
        call.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    @Field(value = "StopContainerRequest.container_id", does = "what is unknown, or has ended, is stopped already")
    void trappedSignalEndsItInItsOwnWay(Rig rig) {
        RunningContainer container = rig.run(Pods.named("trapped").hostNetwork())
                .start(rig.container("busybox:1").command("/t/trap", "exit", "42"));
        container.awaitLog("ready");
        assertThat(timed(() -> container.stop(LONG))).isLessThan(Duration.ofSeconds(20));
        ContainerStatus status = container.status();
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).isEqualTo(42);
        assertThat(container.log().stdout()).isEqualTo("ready\ngot 15\n");
    }

    @Test
    @Field(
            value = "StopContainerRequest.timeout",
            does = "seconds from the stop signal to SIGKILL; 0 kills at once; a later call may shorten it")
    void ignoredSignalIsFollowedByAKill(Rig rig) {
        RunningContainer container = rig.run(Pods.named("ignored").hostNetwork())
                .start(rig.container("busybox:1").command("/t/trap"));
        container.awaitLog("ready");
        assertThat(timed(() -> container.stop(Duration.ofSeconds(2))))
                .isBetween(Duration.ofMillis(1900), Duration.ofSeconds(15));
        assertThat(container.status().getExitCode()).isEqualTo(137);
        assertThat(container.log().stdout()).isEqualTo("ready\ngot 15\n");
    }

    @Test
    void noGraceKillsAtOnce(Rig rig) {
        RunningContainer container = rig.run(Pods.named("at-once").hostNetwork())
                .start(rig.container("busybox:1").command("/t/trap"));
        container.awaitLog("ready");
        container.stop(Duration.ZERO);
        assertThat(container.status().getExitCode()).isEqualTo(137);
        assertThat(container.log().stdout()).isEqualTo("ready\n");
    }

    @Test
    void signalOfTheImage(Rig rig) {
        RunningPod pod = rig.run(Pods.named("image-signal").hostNetwork());
        RunningContainer named = pod.start(rig.container("config:stopsignal").named("named"));
        RunningContainer numbered =
                pod.start(rig.container("config:stopsignal-number").named("numbered"));
        named.awaitLog("ready");
        numbered.awaitLog("ready");
        named.stop(LONG);
        numbered.stop(LONG);
        assertThat(named.awaitLog("got").stdout()).contains("got 10\n");
        assertThat(numbered.awaitLog("got").stdout()).contains("got 12\n");
        assertThat(named.status().getExitCode()).isEqualTo(7);
    }

    @Test
    @CoracleOnly
    @Field(
            value = "ContainerConfig.stop_signal",
            does = "before the image's and SIGTERM; the effective one is in the status")
    void signalOfTheRequestBeforeThatOfTheImage(Rig rig) {
        RunningPod pod = rig.run(Pods.named("request-signal").hostNetwork());
        RunningContainer container = pod.start(rig.container("config:stopsignal")
                .in(pod.config(), c -> c.setStopSignal(dev.coracle.proto.v1.Signal.SIGNAL_SIGHUP)));
        container.awaitLog("ready");
        assertThat(container.status().getStopSignal()).isEqualTo(dev.coracle.proto.v1.Signal.SIGNAL_SIGHUP);
        container.stop(LONG);
        assertThat(container.log().stdout()).contains("got 1\n");
    }

    @Test
    @CoracleOnly
    @Field("ContainerConfig.stop_signal")
    void realtimeSignals(Rig rig) {
        RunningPod pod = rig.run(Pods.named("realtime-signals").hostNetwork());
        RunningContainer low = pod.start(rig.container("busybox:1")
                .command("/t/trap", "exit", "7")
                .named("low")
                .in(pod.config(), c -> c.setStopSignal(dev.coracle.proto.v1.Signal.SIGNAL_SIGRTMINPLUS3)));
        RunningContainer high = pod.start(rig.container("busybox:1")
                .command("/t/trap", "exit", "7")
                .named("high")
                .in(pod.config(), c -> c.setStopSignal(dev.coracle.proto.v1.Signal.SIGNAL_SIGRTMAXMINUS2)));
        low.awaitLog("ready");
        high.awaitLog("ready");
        assertThat(low.status().getStopSignal()).isEqualTo(dev.coracle.proto.v1.Signal.SIGNAL_SIGRTMINPLUS3);
        low.stop(LONG);
        high.stop(LONG);
        assertThat(low.awaitLog("got").stdout()).contains("got 37\n");
        assertThat(high.awaitLog("got").stdout()).contains("got 62\n");
    }

    @Test
    void whatHasEndedIsStoppedAlready(Rig rig) {
        RunningPod pod = rig.run(Pods.named("ended").hostNetwork());
        RunningContainer exited = pod.start(rig.busybox("exit 3").named("exited"));
        exited.awaitExit();
        exited.stop(LONG);
        assertThat(exited.status().getExitCode()).isEqualTo(3);
        if (rig.isCoracle()) {
            rig.client().stopContainer("0123456789abcdef", Duration.ZERO);
        }
        RunningContainer running = pod.start(rig.idle().named("running"));
        running.stop(LONG);
        running.stop(LONG);
    }

    @Test
    void laterCallWithLessGraceShortensTheWait(Rig rig) throws InterruptedException {
        RunningContainer container = rig.run(Pods.named("shorter").hostNetwork())
                .start(rig.container("busybox:1").command("/t/trap"));
        container.awaitLog("ready");
        Thread first = Thread.startVirtualThread(() -> container.stop(LONG));
        container.awaitLog("got 15");
        assertThat(timed(() -> container.stop(Duration.ofSeconds(1)))).isLessThan(Duration.ofSeconds(20));
        first.join(Duration.ofSeconds(20));
        assertThat(first.isAlive()).isFalse();
        assertThat(container.status().getExitCode()).isEqualTo(137);
        if (rig.isCoracle()) {
            assertThat(container.log().stdout()).as("the signal is sent once").isEqualTo("ready\ngot 15\n");
        }
    }

    @Test
    @Tag("vm")
    void nothingOfAProcessThatForksIsLeft(Rig rig) {
        RunningPod pod = rig.run(Pods.named("forks").hostNetwork());
        RunningContainer stopped =
                pod.start(rig.container("busybox:1").command("/t/forker", "20").named("stopped"));
        stopped.awaitLog("forked 20");
        stopped.stop(Duration.ofSeconds(2));
        RunningContainer exited = pod.start(
                rig.container("busybox:1").command("/t/forker", "20", "9").named("exited"));
        assertThat(exited.awaitExit().getExitCode()).isEqualTo(9);
        Waiting.untilTrue("no forker is left", Duration.ofSeconds(10), () -> forkers(rig) == 0);
    }

    @Test
    void leftoversInASharedPidNamespaceGoWithTheContainer(Rig rig) {
        RunningPod pod = rig.run(Pods.named("shared-forks").hostNetwork().sharedPid());
        RunningContainer other = pod.start(rig.idle().named("other"));
        RunningContainer exited = pod.start(
                rig.container("busybox:1").command("/t/forker", "5", "9").named("forker"));
        exited.awaitExit();
        if (rig.isCoracle()) {
            Waiting.untilTrue("no forker is left", Duration.ofSeconds(10), () -> forkers(rig) == 0);
        }
        assertThat(other.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    private static long forkers(Rig rig) {
        return Processes.of(rig.node()).all().stream()
                .filter(p -> p.command().startsWith("/t/forker"))
                .count();
    }

    @Test
    void stopOfThePodEndsItsContainers(Rig rig) {
        RunningPod pod = rig.run(Pods.named("all").hostNetwork());
        RunningContainer one = pod.start(rig.idle().named("one"));
        RunningContainer two =
                pod.start(rig.container("busybox:1").command("/t/trap").named("two"));
        pod.stop();
        assertThat(one.status().getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(two.status().getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        Refused.anyhow(() -> pod.create(rig.idle().named("late")));
    }

    @Test
    void removeOfARunningContainerKillsIt(Rig rig) {
        RunningPod pod = rig.run(Pods.named("removed").hostNetwork());
        RunningContainer container = pod.start(rig.container("busybox:1").command("/t/trap"));
        container.awaitLog("ready");
        container.remove();
        container.remove();
        Refused.with(io.grpc.Status.Code.NOT_FOUND, container::status);
        assertThat(container.logFile()).exists();
    }
}
