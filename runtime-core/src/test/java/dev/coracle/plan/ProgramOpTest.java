package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs run by plans: fed, heard, and ended at their deadline with all they started. */
class ProgramOpTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void aProgramIsFedAndHeard(ShimBinary binary) {
        Bytes input = Bytes.of(new byte[300_000]);
        ProgramAnswer answer = run(
                binary,
                new ProgramOp.Run(
                        shell("umask; pwd; echo $CNI_COMMAND; wc -c; echo complaint >&2; exit 3"),
                        List.of("CNI_COMMAND=ADD", "PATH=/bin"),
                        input,
                        1 << 20,
                        20_000,
                        "ADD"));
        assertThat(answer.stdout().utf8()).isEqualTo("0022\n/\nADD\n300000\n");
        assertThat(answer.stderr().utf8()).isEqualTo("complaint\n");
        assertThat(answer.exitCode()).isEqualTo(3);
        assertThat(answer.timedOut()).isFalse();
        assertThat(answer.truncated()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void moreThanTheLimitIsDropped(ShimBinary binary) {
        ProgramAnswer answer = run(
                binary,
                new ProgramOp.Run(
                        shell("yes | head -c 1000000; echo ok >&2"),
                        List.of("PATH=/bin"),
                        Bytes.EMPTY,
                        100_001,
                        20_000,
                        "ADD"));
        assertThat(answer.stdout().length()).isEqualTo(100_001);
        assertThat(answer.stderr().utf8()).isEqualTo("ok\n");
        assertThat(answer.truncated()).isTrue();
        assertThat(answer.exitCode()).isZero();
    }

    /** One descendant in the group, one that left it by setsid, one whose parent is gone, one that holds the pipes. */
    @ParameterizedTest
    @EnumSource
    void theDeadlineEndsWhatItStarted(ShimBinary binary) throws Exception {
        String mark = "coracle-" + directory.getFileName();
        String script = """
            sh -c 'sleep 1000; : %1$s' &
            setsid sh -c 'sleep 1000; : %1$s' &
            (setsid sh -c 'trap "" HUP TERM; sleep 1000; : %1$s' & )
            echo started; sleep 1000; : %1$s
            """.formatted(mark);
        long start = System.nanoTime();
        ProgramAnswer answer =
                run(binary, new ProgramOp.Run(shell(script), List.of("PATH=/bin"), Bytes.EMPTY, 1_000, 300, "ADD"));
        assertThat(answer.timedOut()).isTrue();
        assertThat(answer.exitCode()).isEqualTo(137);
        assertThat(answer.stdout().utf8()).isEqualTo("started\n");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(10_000);
        assertThat(commandLinesWith(mark)).isZero();
    }

    /** A daemon that keeps the output open is neither waited for nor killed. */
    @Test
    void whatIsLeftRunningGoesOn() throws Exception {
        Path gone = directory.resolve("gone");
        String script = "(setsid sh -c 'sleep 0.5; echo done > %s') & echo started".formatted(gone);
        ProgramAnswer answer = run(
                ShimBinary.LEAN,
                new ProgramOp.Run(shell(script), List.of("PATH=/bin"), Bytes.EMPTY, 1_000, 20_000, "ADD"));
        assertThat(answer.stdout().utf8()).isEqualTo("started\n");
        assertThat(answer.timedOut()).isFalse();
        for (int i = 0; i < 100 && !Files.exists(gone); i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(gone).exists();
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeStartedIsAFailure(ShimBinary binary) {
        Plan plan = Plan.titled("run")
                .host(new ProgramOp.Run(List.of("/nonexistent"), List.of(), Bytes.EMPTY, 10, 1_000, "ADD"))
                .build();
        Rehearsal.of(binary, directory, plan).fails(0, "ENOENT", "");
    }

    @Test
    void aProgramThatDoesNotReadIsNoFailure() {
        ProgramAnswer answer = run(
                ShimBinary.SANITIZED,
                new ProgramOp.Run(shell("exit 0"), List.of(), Bytes.of(new byte[1 << 20]), 10, 5_000, "ADD"));
        assertThat(answer.exitCode()).isZero();
    }

    private ProgramAnswer run(ShimBinary binary, ProgramOp.Run op) {
        return Rehearsal.of(binary, directory, Plan.titled("run").host(op).build())
                .succeeds()
                .answers()
                .program("ADD");
    }

    private static List<String> shell(String script) {
        return List.of("/bin/busybox", "sh", "-c", script);
    }

    private static long commandLinesWith(String mark) throws IOException {
        Pattern numbers = Pattern.compile("\\d+");
        try (var entries = Files.list(Path.of("/proc"))) {
            return entries.filter(path ->
                            numbers.matcher(path.getFileName().toString()).matches())
                    .filter(path -> commandLine(path).contains(mark + "\n")
                            || commandLine(path).endsWith(mark + "\0"))
                    .count();
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException gone) {
            return "";
        }
    }
}
