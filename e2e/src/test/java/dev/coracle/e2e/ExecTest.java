package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ExecSyncResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** ExecSync: what a probe relies on. */
@DaemonTest
final class ExecTest {

    @Test
    @Tag("vm")
    @Field(value = "ExecSyncRequest.cmd", does = "executed along the container's PATH; empty is refused")
    void exitCodesAndBothStreams(Rig rig) {
        RunningContainer container = rig.run(Pods.named("codes").hostNetwork()).start(rig.idle());
        for (int code : new int[] {0, 1, 2, 127, 255}) {
            assertThat(container.exec("sh", "-c", "exit " + code).getExitCode()).isEqualTo(code);
        }
        ExecSyncResponse both = container.exec("sh", "-c", "echo out; echo err >&2; exit 5");
        assertThat(both.getStdout().toStringUtf8()).isEqualTo("out\n");
        assertThat(both.getStderr().toStringUtf8()).isEqualTo("err\n");
        assertThat(both.getExitCode()).isEqualTo(5);
        assertThat(container.exec("sh", "-c", "kill -9 $$").getExitCode()).isEqualTo(137);
    }

    @Test
    @Field(
            value = "ExecSyncRequest.container_id",
            does = "in its namespaces, cgroup, rights, user, environment and directory; must run")
    void runsAsTheContainerDoes(Rig rig) {
        RunningContainer container = rig.run(Pods.named("same").hostNetwork())
                .start(rig.idle().user(1000, 1000).workingDir("/home/app").env("GIVEN", "here"));
        String shown = container.output("/t/show");
        assertThat(shown)
                .contains("\nstatus Uid:\t1000\t1000\t1000\t1000\n")
                .contains("\nstatus Gid:\t1000\t1000\t1000\t1000\n")
                .contains("\ncwd /home/app\n")
                .contains("\nenv GIVEN=here\n");
        String own = container.output("sh", "-c", "readlink /proc/1/ns/mnt; readlink /proc/self/ns/mnt");
        assertThat(own.lines().distinct()).hasSize(1);
    }

    @Test
    @Field(
            value = "ExecSyncRequest.timeout",
            does = "seconds; then its processes are killed and the answer is DEADLINE_EXCEEDED; 0: none")
    void timeoutEndsTheWholeCommand(Rig rig) {
        RunningContainer container = rig.run(Pods.named("slow").hostNetwork()).start(rig.idle());
        String script = rig.isCoracle() ? "setsid sleep 4242 & sleep 4242 & sleep 4242" : "exec sleep 4242";
        long begin = System.nanoTime();
        Refused.with(
                Status.Code.DEADLINE_EXCEEDED,
                () -> rig.client().exec(container.id(), Duration.ofSeconds(1), "sh", "-c", script));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        Waiting.untilTrue(
                "the command's processes are gone",
                Duration.ofSeconds(10),
                () -> !container.output("ps").contains("sleep 4242"));
    }

    @Test
    @CoracleOnly
    void returnsWhenTheCommandEndsThoughChildrenHoldItsOutput(Rig rig) {
        RunningContainer container = rig.run(Pods.named("held").hostNetwork()).start(rig.idle());
        long begin = System.nanoTime();
        ExecSyncResponse response =
                rig.client().exec(container.id(), Duration.ofSeconds(30), "sh", "-c", "setsid sleep 20 & echo done");
        assertThat(response.getExitCode()).isZero();
        assertThat(response.getStdout().toStringUtf8()).isEqualTo("done\n");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void largeOutputFitsTheMessageOrIsCut(Rig rig) {
        RunningContainer container = rig.run(Pods.named("large").hostNetwork()).start(rig.idle());
        ExecSyncResponse response = container.exec("/t/lines", "10000", "100");
        assertThat(response.getStdout().toStringUtf8().lines()).hasSize(10000);
        if (rig.isCoracle()) {
            ExecSyncResponse cut = container.exec("/t/lines", "250000", "100", "2");
            assertThat(cut.getExitCode()).isZero();
            assertThat(cut.getStdout().size() + cut.getStderr().size()).isBetween(1 << 20, 16 << 20);
        }
    }

    @Test
    void missingProgramIsAnError(Rig rig) {
        RunningContainer container =
                rig.run(Pods.named("missing").hostNetwork()).start(rig.idle());
        assertThat(Refused.anyhow(() -> container.exec("/no/such/program"))).contains("/no/such/program");
        assertThat(container.output("echo", "fine")).isEqualTo("fine\n");
    }

    @Test
    void containerThatDoesNotRunIsAnError(Rig rig) {
        RunningPod pod = rig.run(Pods.named("idle").hostNetwork());
        RunningContainer created = pod.create(rig.idle().named("created"));
        Refused.anyhow(() -> created.exec("true"));
        RunningContainer exited = pod.start(rig.busybox("exit 0").named("exited"));
        exited.awaitExit();
        Refused.anyhow(() -> exited.exec("true"));
        Refused.with(Status.Code.NOT_FOUND, () -> rig.client().exec("0123456789abcdef", "true"));
    }

    @Test
    void manyAtOnce(Rig rig) {
        RunningContainer container = rig.run(Pods.named("many").hostNetwork()).start(rig.idle());
        var answers = IntStream.range(0, 40)
                .parallel()
                .mapToObj(i -> container.output("echo", String.valueOf(i)).strip())
                .sorted()
                .toList();
        assertThat(answers)
                .isEqualTo(IntStream.range(0, 40)
                        .mapToObj(String::valueOf)
                        .sorted()
                        .toList());
    }

    @Test
    void oneThatMeetsItsContainersEndSaysSo(Rig rig) {
        RunningPod pod = rig.run(Pods.named("ends").hostNetwork());
        for (int i = 0; i < 20; i++) {
            RunningContainer container = pod.start(rig.busybox("usleep 30000").named("short-" + i));
            StatusRuntimeException refusal = null;
            while (refusal == null) {
                try {
                    container.exec("true");
                } catch (StatusRuntimeException e) {
                    refusal = e;
                }
            }
            assertThat(refusal.getStatus().getCode())
                    .as(refusal.getMessage())
                    .isEqualTo(Status.Code.FAILED_PRECONDITION);
        }
    }
}
