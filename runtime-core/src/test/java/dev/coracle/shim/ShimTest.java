package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.ProgramAnswer;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Plans and containers of one shim, on this machine's kernel, as root. */
class ShimTest {
    private final ShimHost host = new ShimHost();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void aContainerRunsLogsAndExits() throws Exception {
        Shim shim = host.open();
        Instant before = Instant.now();
        String id = host.start(shim, "echo out; echo err >&2; exit 3");
        Exit exit = host.awaitExit(id);
        assertThat(exit.code()).isEqualTo(3);
        assertThat(exit.at()).isBetween(before, Instant.now());
        assertThat(exit.oomKilled()).isFalse();
        assertThat(host.lines(host.log(id))).containsExactlyInAnyOrder("stdout F out", "stderr F err");
        assertThat(Files.readString(host.directory(shim.pod()).resolve("exits").resolve(id)))
                .startsWith("status=768 time=");
        shim.acknowledge(id);
        assertThat(host.directory(shim.pod()).resolve("exits")).isEmptyDirectory();
        shim.quit();
        assertThat(host.lost).isEmpty();
    }

    @Test
    void aFailedOpIsNamed() {
        Shim shim = host.open();
        assertThatThrownBy(() -> shim.execute(TinyPlans.failing(), ShimHost.DEADLINE))
                .isInstanceOf(RuntimeFailure.KernelFailure.class)
                .hasMessage("fail: op 1 open - /not/there rdonly 0 -> $absent: ENOENT");
    }

    @Test
    void answersComeBack() {
        Shim shim = host.open();
        ProgramAnswer answer = shim.execute(TinyPlans.run("echo hello; exit 7", 5_000), ShimHost.DEADLINE)
                .program("out");
        assertThat(answer.stdout().utf8()).isEqualTo("hello\n");
        assertThat(answer.waitStatus()).isEqualTo(7 << 8);
    }

    @Test
    void aPlanIsKilledAtItsDeadlineWithAllItStarted() {
        Shim shim = host.open();
        Instant before = Instant.now();
        assertThatThrownBy(() -> shim.execute(
                        TinyPlans.run("setsid sleep 1234 & sleep 1234; wait", 60_000), Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        RuntimeFailure.KernelFailure.class,
                        failure -> assertThat(failure.errno()).isEqualTo(Errno.ETIMEDOUT));
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(3));
        assertThat(descendants(shim)).isEmpty();
    }

    @Test
    void signalsReachTheMainProcess() {
        Shim shim = host.open();
        String id = host.start(shim, "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        org.awaitility.Awaitility.await().until(() -> Files.size(host.log(id)) > 0);
        shim.signal(id, 15);
        assertThat(host.awaitExit(id).code()).isEqualTo(5);
        assertThatThrownBy(() -> shim.signal(id, 15)).isInstanceOf(RuntimeFailure.NotFound.class);
    }

    @Test
    void aSecondShimOfAPodIsRefused() {
        Shim shim = host.open();
        assertThatThrownBy(() -> host.shims().open(shim.pod(), host.directory(shim.pod())))
                .isInstanceOf(RuntimeFailure.WrongState.class)
                .hasMessageEndingWith("a shim of that pod lives");
    }

    @Test
    void aShimWithChildrenDoesNotQuit() {
        Shim shim = host.open();
        host.start(shim, "sleep 1000");
        assertThatThrownBy(shim::quit).isInstanceOf(RuntimeFailure.WrongState.class);
    }

    private static List<String> descendants(Shim shim) {
        return ProcessHandle.of(shim.pid())
                .orElseThrow()
                .descendants()
                .map(process -> process.info().commandLine().orElse("?"))
                .toList();
    }
}
