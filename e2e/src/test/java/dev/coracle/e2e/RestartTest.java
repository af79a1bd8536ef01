package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.ListContainersRequest;
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
    private static final int KILLS = Integer.getInteger("coracle.e2e.kills", 200);

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
        for (int round = 0; round < KILLS; round++) {
            RunningContainer timer = steady.start(ending(rig, "sleep 0.3", round));
            int number = round;
            Thread life = Thread.startVirtualThread(() -> ignoringLoss(() -> onePodsLife(rig, number)));
            Waiting.sleep(Duration.ofMillis(random.nextInt(400)));
            rig.daemon().kill();
            rig.startDaemon();
            life.join(); // a call that was made while no daemon was there is the new one's
            assertThat(counter.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            ContainerStatus ended = timer.awaitExit();
            endedAsItShould(timer.log(), ended, round);
            // however long the daemon was away
            assertThat(Duration.ofNanos(ended.getFinishedAt() - ended.getStartedAt()))
                    .isBetween(Duration.ofMillis(200), Duration.ofSeconds(3));
            timer.remove();
            removeAllBut(rig, steady, round);
        }
        counter.stop(Duration.ZERO);
        List<String> lines = counter.log().stdout().lines().toList();
        assertThat(lines)
                .isEqualTo(IntStream.range(0, lines.size())
                        .mapToObj(String::valueOf)
                        .toList());
    }

    /** A container that ends by itself with a code of the round's own. */
    private static Containers ending(Rig rig, String before, int round) {
        return rig.busybox(before + "; echo bye; exit " + code(round))
                .named("ending")
                .attempt(round);
    }

    private static int code(int round) {
        return 1 + round % 100;
    }

    private static void endedAsItShould(CriLog log, ContainerStatus status, int round) {
        assertThat(status.getExitCode())
                .as(status.getReason() + ": " + status.getMessage())
                .isEqualTo(code(round));
        assertThat(status.getReason()).isEqualTo("Error");
        assertThat(status.getStartedAt()).isPositive();
        assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(status.getStartedAt());
        assertThat(log.stdout()).isEqualTo("bye\n");
    }

    private static void onePodsLife(Rig rig, int round) {
        Pods named = Pods.named("life-" + round);
        RunningPod pod = rig.run(round % 2 == 0 ? named : named.hostNetwork());
        RunningContainer ending = pod.start(ending(rig, "true", round));
        RunningContainer container = pod.start(rig.busybox("echo hello; exec /t/pause"));
        var _ = container.exec("true");
        ending.awaitExit();
        container.stop(Duration.ofSeconds(5));
        container.remove();
        pod.stop();
        rig.client().removePod(pod.id());
    }

    /** What had been started before the daemon was killed has ended as if nothing had been; a start that was cut short may have failed. */
    private static void removeAllBut(Rig rig, RunningPod kept, int round) {
        for (Container container : rig.client()
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()) {
            if (container.getMetadata().getName().equals("ending")) {
                requireEnd(rig, container, round);
            }
        }
        List<String> ids = new ArrayList<>();
        rig.client().pods().forEach(p -> ids.add(p.getId()));
        ids.remove(kept.id());
        for (String id : ids) {
            rig.client().stopPod(id);
            rig.client().removePod(id);
        }
    }

    private static void requireEnd(Rig rig, Container listed, int round) {
        ContainerStatus status = rig.client().containerStatus(listed.getId());
        RunningContainer container =
                new RunningContainer(rig.client(), listed.getId(), rig.node().inside(status.getLogPath()));
        if (status.getState() == ContainerState.CONTAINER_CREATED) {
            return;
        }
        ContainerStatus ended = container.awaitExit();
        if (!ended.getReason().equals("StartError")) {
            endedAsItShould(container.log(), ended, round);
        }
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
}
