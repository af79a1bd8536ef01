package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The log's disk is full, or its folder is gone: the container goes on. */
@DaemonTest
@CoracleOnly
final class LogTroubleTest {

    @Test
    void fullDiskStopsNoContainer(Rig rig) {
        Path disk = rig.folder("log-disk");
        rig.node()
                .command("mount", "-t", "tmpfs", "-o", "size=1m", "small", disk.toString())
                .text();
        try {
            RunningPod pod = rig.run(onDisk(rig, disk));
            RunningContainer container =
                    pod.start(rig.busybox("/t/lines 60000 100; echo finished > /tmp/done; exec sleep 4242"));
            Waiting.untilTrue(
                    "the writer is through",
                    Duration.ofSeconds(60),
                    () -> container.exec("test", "-e", "/tmp/done").getExitCode() == 0);
            Path log = rig.node().inside(container.logFile().toString());
            assertThat(CriLog.read(log).stdout().lines()).hasSizeLessThan(60_000);

            // room again: how much was lost is said, and what is written from then on is there
            rig.node()
                    .command("mount", "-o", "remount,size=64m", disk.toString())
                    .text();
            String note = awaitText(log, "lost: No space left on device\n");
            long lost = Long.parseLong(note.replaceAll("(?s).*coracle: (\\d+) bytes.*", "$1"));
            assertThat(lost + CriLog.read(log).stdout().length()).isEqualTo(60_000 * 101);
            container.output("sh", "-c", "echo after > /proc/1/fd/1");
            awaitText(log, "after\n");
            pod.remove();
            // which fails as long as anybody has a file of it open
            rig.node().command("umount", disk.toString()).text();
        } finally {
            rig.node().command("umount", "--lazy", disk.toString());
        }
    }

    private static String awaitText(Path log, String end) {
        return Waiting.until(
                "the line " + end,
                Duration.ofSeconds(20),
                () -> Optional.of(CriLog.read(log))
                        .map(read -> read.stdout() + read.stderr())
                        .filter(text -> text.contains(end)));
    }

    private static dev.coracle.proto.v1.PodSandboxConfig onDisk(Rig rig, Path disk) {
        return Pods.named("full").hostNetwork().on(rig.node()).logsIn(disk).build();
    }

    @Test
    void vanishedFolderStopsNoContainer(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("vanished").hostNetwork());
        RunningContainer container =
                pod.start(rig.busybox("i=0; while true; do echo line $i; i=$((i+1)); sleep 0.02; done"));
        container.awaitLog("line 3");
        deleteTree(Path.of(pod.config().getLogDirectory()));
        assertThat(container.output("echo", "alive")).isEqualTo("alive\n");
        container.stop(Duration.ZERO);
        assertThat(container.status().getExitCode()).isEqualTo(137);
    }

    @Test
    void folderThatCannotBeMadeFailsTheStartNamingIt(Rig rig) throws IOException {
        Path file = Files.writeString(rig.folder("not-a-dir").resolve("file"), "x");
        String message = Refused.anyhow(() -> {
            RunningPod pod = rig.run(Pods.named("no-folder")
                    .hostNetwork()
                    .on(rig.node())
                    .logsIn(file)
                    .build());
            pod.start(rig.idle());
        });
        assertThat(message).contains(file.toString());
    }

    private static void deleteTree(Path dir) throws IOException {
        try (Stream<Path> walk = Files.walk(dir, FileVisitOption.FOLLOW_LINKS)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
