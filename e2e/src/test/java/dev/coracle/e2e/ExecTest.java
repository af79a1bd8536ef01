package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.SecurityProfile;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

    /** What is printed at once is many times what the daemon keeps at once. */
    @Test
    @CoracleOnly
    void manyThatPrintMuchShareTheRoom(Rig rig) throws Exception {
        RunningContainer container = rig.run(Pods.named("loud").hostNetwork()).start(rig.idle());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                answers.add(threads.submit(() -> loud(container)));
            }
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isIn("whole", "RESOURCE_EXHAUSTED");
            }
        }
        assertThat(container.output("echo", "fine")).isEqualTo("fine\n");
        String status = Files.readString(Path.of("/proc/" + rig.daemon().pid() + "/status"));
        long peak = Long.parseLong(status.replaceAll("(?s).*VmHWM:\\s*(\\d+) kB.*", "$1")) >> 10;
        assertThat(peak).as("MiB of memory at most").isLessThan(400);
    }

    private static String loud(RunningContainer container) {
        try {
            ExecSyncResponse response = container.exec("/t/lines", "250000", "100");
            int size = response.getStdout().size();
            return size > 15 << 20 && size < 16 << 20 && response.getExitCode() == 0 ? "whole" : size + " bytes";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().toString();
        }
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    void hasTheContainersGroupsAndFilter(Rig rig) throws IOException {
        Path profile = Files.writeString(rig.folder("seccomp").resolve("p.json"), """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
              {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 122}]}
            """);
        RunningContainer container = rig.run(Pods.named("confined").hostNetwork())
                .start(rig.idle()
                        .security(s -> s.setSeccomp(SecurityProfile.newBuilder()
                                .setProfileType(SecurityProfile.ProfileType.Localhost)
                                .setLocalhostRef(profile.toString()))));
        ExecSyncResponse refused = container.exec("mkdir", "/new");
        assertThat(refused.getExitCode()).isNotZero();
        assertThat(refused.getStderr().toStringUtf8()).contains("uota exceeded");
        String groups = container.output("cat", "/proc/self/cgroup");
        assertThat(groups).isNotBlank().isEqualTo(container.output("cat", "/proc/1/cgroup"));
        String confined = container.output("grep", "-E", "^(Seccomp|NoNewPrivs|Cap)", "/proc/self/status");
        assertThat(confined)
                .contains("Seccomp:\t2")
                .isEqualTo(container.output("grep", "-E", "^(Seccomp|NoNewPrivs|Cap)", "/proc/1/status"));
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

    /** The same of one whose output is streamed. */
    @Test
    @CoracleOnly
    void oneWithStreamsThatMeetsItsContainersEndSaysSo(Rig rig) {
        RunningPod pod = rig.run(Pods.named("ends-streaming").hostNetwork());
        for (int i = 0; i < 10; i++) {
            RunningContainer container = pod.start(rig.busybox("usleep 100000").named("short-" + i));
            String error = "Success";
            while (error.contains("Success")) {
                try (StreamClient client = StreamTest.exec(rig, container, "true")) {
                    error = client.readAll().getOrDefault(StreamClient.ERROR, "");
                } catch (StatusRuntimeException e) {
                    error = String.valueOf(e.getStatus().getDescription());
                }
            }
            // one that had begun is killed with its container
            assertThat(error)
                    .containsPattern("the container has ended meanwhile|it is exited, not running|\"message\":\"137\"");
        }
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
