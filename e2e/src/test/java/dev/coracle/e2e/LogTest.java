package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ReopenContainerLogRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The container's log, as a kubelet reads it. */
@DaemonTest
final class LogTest {

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    @Test
    void hundredThousandLinesWholeAndInOrder(Rig rig) {
        RunningContainer container = rig.run(Pods.named("many").hostNetwork())
                .start(rig.container("busybox:1").command("/t/lines", "100000"));
        assertThat(container.awaitExit().getExitCode()).isZero();
        CriLog log = container.log();
        assertThat(log.stdout().lines().toList()).isEqualTo(numbers(1, 100_000));
        assertThat(log.entries()).allMatch(CriLog.Entry::full);
        assertThat(log.inOrder()).isTrue();
    }

    @Test
    @Field(value = "ContainerConfig.log_path", does = "below the pod's log_directory; a path that leads out is refused")
    @Field(value = "PodSandboxConfig.log_directory", does = "made where it is missing; must be absolute")
    void bothStreamsEachInOrder(Rig rig) {
        RunningContainer container = rig.run(Pods.named("both").hostNetwork())
                .start(rig.container("busybox:1").command("/t/lines", "20000", "40", "3"));
        container.awaitExit();
        CriLog log = container.log();
        assertThat(log.stderr().lines().map(l -> l.split(" ", 2)[0]).toList())
                .isEqualTo(numbers(1, 20_000).stream()
                        .filter(n -> Integer.parseInt(n) % 3 == 0)
                        .toList());
        assertThat(log.stdout().lines()).hasSize(20_000 - 6_666);
    }

    @Test
    void longLinesAreSplitAndMarkedPartial(Rig rig) {
        RunningContainer container = rig.run(Pods.named("long").hostNetwork())
                .start(rig.container("busybox:1").command("/t/lines", "50", "100000"));
        container.awaitExit();
        CriLog log = container.log();
        assertThat(log.stdout().lines()).hasSize(50).allMatch(l -> l.length() == 100_000);
        assertThat(log.entries()).anyMatch(e -> !e.full());
        assertThat(log.entries()).allMatch(e -> e.text().length() <= 16 << 10);
    }

    @Test
    void unfinishedLastLineIsKept(Rig rig) {
        RunningContainer container = rig.run(Pods.named("last").hostNetwork())
                .start(rig.container("busybox:1").command("/t/lines", "partial", "no newline"));
        container.awaitExit();
        assertThat(container.log().stdout().strip()).isEqualTo("no newline");
    }

    @Test
    void emptyLinesAndOddBytes(Rig rig) throws IOException {
        RunningContainer container =
                rig.run(Pods.named("odd").hostNetwork()).start(rig.busybox("printf '\\n\\n  x \\n\\351\\000\\n'"));
        container.awaitExit();
        String raw = Files.readString(container.logFile(), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(raw.lines().map(l -> l.split(" ", 4)[3]).toList())
                .isEqualTo(List.of("", "", "  x ", "\u00e9\u0000"));
    }

    @Test
    void logIsWholeWhenTheExitIsSeen(Rig rig) {
        RunningPod pod = rig.run(Pods.named("flushed").hostNetwork());
        for (int i = 0; i < 20; i++) {
            RunningContainer container = pod.start(
                    rig.container("busybox:1").command("/t/lines", "500").attempt(i));
            container.awaitExit();
            assertThat(container.log().stdout().lines()).hasSize(500);
            container.remove();
        }
    }

    @Test
    @Field(value = "ReopenContainerLogRequest.container_id", does = "goes on in a new file at the same path; must run")
    void rotationLosesAndSplitsNothing(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("rotated").hostNetwork());
        RunningContainer container =
                pod.start(rig.busybox("until test -e /tmp/enough; do /t/lines 5000 60; sleep 0.02; done"));
        StringBuilder all = new StringBuilder();
        for (int rotated = 0; rotated < 10; rotated++) {
            Waiting.untilTrue(
                    "lines in the new file",
                    Duration.ofSeconds(20),
                    () -> container.logFile().toFile().length() > 0);
            Path old = container.logFile().resolveSibling("0.log." + rotated);
            Files.move(container.logFile(), old);
            reopen(rig, container);
            all.append(CriLog.read(old).stdout());
        }
        container.output("touch", "/tmp/enough");
        container.awaitExit();
        all.append(container.log().stdout());
        List<String> found = all.toString().lines().map(l -> l.split(" ", 2)[0]).toList();
        assertThat(found.size() % 5000).isZero();
        assertThat(found)
                .isEqualTo(IntStream.range(0, found.size())
                        .mapToObj(i -> String.valueOf(i % 5000 + 1))
                        .toList());
    }

    private static void reopen(Rig rig, RunningContainer container) {
        var _ = rig.client()
                .runtime()
                .reopenContainerLog(ReopenContainerLogRequest.newBuilder()
                        .setContainerId(container.id())
                        .build());
    }

    @Test
    void reopenOfAnEndedContainerIsAnErrorAndMakesNoFile(Rig rig) throws IOException {
        RunningContainer container = rig.run(Pods.named("ended").hostNetwork()).start(rig.busybox("echo x"));
        container.awaitExit();
        Files.delete(container.logFile());
        Refused.anyhow(() -> reopen(rig, container));
        assertThat(container.logFile()).doesNotExist();
    }
}
