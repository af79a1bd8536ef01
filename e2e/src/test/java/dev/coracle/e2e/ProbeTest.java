package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ExecSyncResponse;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The same command again and again, as probes are: planned once, and yet each time a process of its own. */
@DaemonTest
@CoracleOnly
final class ProbeTest {
    /** Of a pod's commands that are ready to be executed again. */
    private static final int KEPT = 8;

    @Test
    void theSameCommandIsPlannedOnce(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("probed").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        String first = container.output("sh", "-c", "echo $$");
        List<Path> kept = execs(rig, pod);
        assertThat(kept).hasSize(1);
        for (int i = 0; i < 20; i++) {
            assertThat(container.output("sh", "-c", "echo $$")).isNotEqualTo(first);
        }
        assertThat(execs(rig, pod)).isEqualTo(kept);
    }

    @Test
    void theSameCommandManyTimesAtOnceMixesNothingUp(Rig rig) throws Exception {
        RunningPod pod = rig.run(Pods.named("crowd").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                answers.add(threads.submit(() -> tenTimes(container)));
            }
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isEqualTo("out err 3 ".repeat(10));
            }
        }
        assertThat(execs(rig, pod)).hasSizeLessThanOrEqualTo(KEPT);
    }

    private static String tenTimes(RunningContainer container) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            ExecSyncResponse answer = container.exec("sh", "-c", "echo out; echo err >&2; exit 3");
            all.append(answer.getStdout().toStringUtf8().strip()).append(' ');
            all.append(answer.getStderr().toStringUtf8().strip()).append(' ');
            all.append(answer.getExitCode()).append(' ');
        }
        return all.toString();
    }

    @Test
    void whatFailedOrWasBrokenOffIsPlannedAnew(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("late").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        for (int i = 0; i < 3; i++) {
            assertThat(Refused.anyhow(() -> container.exec("/late"))).contains("/late");
        }
        assertThat(execs(rig, pod)).isEmpty();
        container.output("sh", "-c", "printf '#!/bin/sh\\necho here\\n' > /late && chmod 755 /late");
        assertThat(container.output("/late")).isEqualTo("here\n");
        assertThat(container.output("/late")).isEqualTo("here\n");
        String[] slow = {"sh", "-c", "if [ -e /quick ]; then echo quick; else sleep 4343; fi"};
        Refused.with(
                Status.Code.DEADLINE_EXCEEDED, () -> rig.client().exec(container.id(), Duration.ofSeconds(1), slow));
        container.output("touch", "/quick");
        assertThat(container.output(slow)).isEqualTo("quick\n");
    }

    @Test
    void theNextDaemonBeginsWithNone(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("survivor").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        for (int i = 0; i < 3 * KEPT; i++) {
            container.output("echo", String.valueOf(i));
        }
        assertThat(execs(rig, pod)).hasSize(KEPT);
        rig.daemon().kill();
        rig.startDaemon();
        assertThat(container.output("echo", "again")).isEqualTo("again\n");
        assertThat(execs(rig, pod)).hasSize(1);
    }

    private static List<Path> execs(Rig rig, RunningPod pod) throws IOException {
        return KeptPlans.titled(rig, pod, "exec in ");
    }
}
