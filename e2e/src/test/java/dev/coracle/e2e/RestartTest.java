package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.PodSandboxState;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The daemon dies and comes back: no container, no exit code, no line of a log is lost. */
@DaemonTest
final class RestartTest {
    private static final int KILLS = Integer.getInteger("coracle.e2e.kills", 20);

    @Test
    void containersGoOnOverAKill(Rig rig) {
        RunningPod pod = rig.run(Pods.named("survivor"));
        RunningContainer container =
                pod.start(rig.busybox("i=0; while true; do echo $i; i=$((i+1)); sleep 0.05; done"));
        container.awaitLog("3\n");
        ContainerStatus before = container.status();
        String address = pod.ip();
        rig.daemon().kill();
        Waiting.sleep(Duration.ofSeconds(1));
        rig.startDaemon();

        ContainerStatus after = container.status();
        assertThat(after.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(after.getStartedAt()).isEqualTo(before.getStartedAt());
        assertThat(pod.ip()).isEqualTo(address);
        assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(container.output("echo", "alive")).isEqualTo("alive\n");
        container.stop(Duration.ZERO);
        List<String> lines = container.log().stdout().lines().toList();
        assertThat(lines)
                .isEqualTo(IntStream.range(0, lines.size())
                        .mapToObj(String::valueOf)
                        .toList());
    }

    @Test
    void exitWhileTheDaemonIsAwayIsKnown(Rig rig) {
        RunningPod pod = rig.run(Pods.named("away").hostNetwork());
        RunningContainer exits =
                pod.start(rig.busybox("sleep 1; echo last words; exit 23").named("exits"));
        RunningContainer oom = pod.start(rig.container("busybox:1")
                .script("sleep 1; exec /t/hog 200")
                .memory(32)
                .named("oom"));
        rig.daemon().kill();
        long begin = System.currentTimeMillis();
        Waiting.sleep(Duration.ofSeconds(3));
        rig.startDaemon();

        ContainerStatus exited = exits.awaitExit();
        assertThat(exited.getExitCode()).isEqualTo(23);
        if (rig.isCoracle()) {
            assertThat(exits.log().stdout()).isEqualTo("last words\n");
            assertThat(exited.getFinishedAt() / 1_000_000).isBetween(begin - 1000, begin + 2500);
            ContainerStatus killed = oom.awaitExit();
            assertThat(killed.getReason()).isEqualTo("OOMKilled");
            assertThat(killed.getExitCode()).isEqualTo(137);
        }
    }

    @Test
    void gracefulStopLeavesPodsRunning(Rig rig) {
        RunningPod pod = rig.run(Pods.named("graceful").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        rig.daemon().stop();
        assertThat(rig.daemon().alive()).isFalse();
        rig.startDaemon();
        assertThat(container.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    @Test
    void stopThatWasBegunGoesOn(Rig rig) throws InterruptedException {
        RunningPod pod = rig.run(Pods.named("stopping").hostNetwork());
        RunningContainer container = pod.start(rig.container("busybox:1").command("/t/trap"));
        container.awaitLog("ready");
        Thread stop = Thread.startVirtualThread(() -> ignoringLoss(() -> container.stop(Duration.ofSeconds(3))));
        container.awaitLog("got 15");
        rig.daemon().kill();
        rig.startDaemon();
        if (rig.isCoracle()) {
            ContainerStatus status = container.awaitExit(Duration.ofSeconds(15));
            assertThat(status.getExitCode()).isEqualTo(137);
            assertThat(container.log().stdout()).isEqualTo("ready\ngot 15\n");
        }
        stop.join(Duration.ofSeconds(30));
    }

    @Test
    @CoracleOnly
    void killedAtRandomMomentsOfPodsComingAndGoing(Rig rig) throws InterruptedException {
        RunningPod steady = rig.run(Pods.named("steady"));
        RunningContainer counter =
                steady.start(rig.busybox("i=0; while true; do echo $i; i=$((i+1)); sleep 0.02; done"));
        Random random = new Random(20_260_102);
        for (int i = 0; i < KILLS; i++) {
            int round = i;
            Thread life = Thread.startVirtualThread(() -> ignoringLoss(() -> onePodsLife(rig, round)));
            Waiting.sleep(Duration.ofMillis(random.nextInt(400)));
            rig.daemon().kill();
            life.join();
            rig.startDaemon();
            assertThat(counter.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            removeAllBut(rig, steady.id());
        }
        counter.stop(Duration.ZERO);
        List<String> lines = counter.log().stdout().lines().toList();
        assertThat(lines)
                .isEqualTo(IntStream.range(0, lines.size())
                        .mapToObj(String::valueOf)
                        .toList());
    }

    private static void onePodsLife(Rig rig, int round) {
        RunningPod pod = rig.run(
                round % 2 == 0
                        ? Pods.named("life-" + round)
                        : Pods.named("life-" + round).hostNetwork());
        RunningContainer container = pod.start(rig.busybox("echo hello; exec /t/pause"));
        var _ = container.exec("true");
        container.stop(Duration.ofSeconds(5));
        container.remove();
        pod.stop();
        rig.client().removePod(pod.id());
    }

    /** The daemon is killed under the call: that it fails is no news. */
    private static void ignoringLoss(Runnable calls) {
        try {
            calls.run();
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode())
                    .isIn(io.grpc.Status.Code.UNAVAILABLE, io.grpc.Status.Code.CANCELLED, io.grpc.Status.Code.UNKNOWN);
        }
    }

    private static void removeAllBut(Rig rig, String kept) {
        List<String> ids = new ArrayList<>();
        rig.client().pods().forEach(p -> ids.add(p.getId()));
        ids.remove(kept);
        for (String id : ids) {
            rig.client().stopPod(id);
            rig.client().removePod(id);
        }
    }
}
