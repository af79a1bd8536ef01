package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.ShimBinary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The CRI log that a shim writes. */
@ParameterizedClass
@EnumSource(ShimBinary.class)
class LogTest extends OnEachBuild {
    private static final Pattern LOSS = Pattern.compile("stderr F coracle: (\\d+) bytes of output were lost: (.*)");
    private static final int LONGEST = 16_384;

    LogTest(ShimBinary build) {
        super(build);
    }

    @Test
    void aHundredThousandLinesAreWholeAndInOrder() {
        Shim shim = host.open();
        String id = host.start(shim, "seq 1 100000");
        assertThat(host.awaitExit(id).lostLogBytes()).isZero();
        assertThat(host.lines(host.log(id))).isEqualTo(numbers(1, 100_000));
    }

    @Test
    void timesHaveNineDigitsAndRise() throws IOException {
        Shim shim = host.open();
        Instant before = Instant.now();
        String id = host.start(shim, "echo a; sleep 0.01; echo b");
        host.awaitExit(id);
        List<String> lines = Files.readAllLines(host.log(id));
        assertThat(lines)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z stdout F [ab]"));
        Instant first = Instant.parse(lines.get(0).split(" ", -1)[0]);
        Instant second = Instant.parse(lines.get(1).split(" ", -1)[0]);
        assertThat(first).isBetween(before, second);
        assertThat(second).isBefore(Instant.now());
    }

    @Test
    void longLinesArePartialUntilTheirEnd() {
        Shim shim = host.open();
        String id = host.start(shim, """
            printf '%040000d\\n' 0
            printf '%016384d\\n' 0
            printf '%016385d\\n' 0
            printf 'no end'
            """);
        host.awaitExit(id);
        assertThat(host.lines(host.log(id)))
                .containsExactly(
                        zeros("P", LONGEST),
                        zeros("P", LONGEST),
                        zeros("F", 40_000 - 2 * LONGEST),
                        zeros("F", LONGEST),
                        zeros("P", LONGEST),
                        zeros("F", 1),
                        "stdout P no end");
    }

    @Test
    void reopeningUnderLoadLosesAndSplitsNoLine() throws IOException {
        Shim shim = host.open();
        String id = host.start(
                shim, "i=0; while [ $i -lt 60 ]; do seq $((i*2000+1)) $((i*2000+2000)); i=$((i+1)); sleep 0.01; done");
        List<String> all = new ArrayList<>();
        for (int i = 0; !host.exits.containsKey(id); i++) {
            Path rotated = host.run.resolve("rotated." + i);
            Files.move(host.log(id), rotated);
            try {
                shim.reopenLog(id, host.log(id));
            } catch (RuntimeFailure.NotFound e) {
                Files.move(rotated, host.log(id));
                break;
            }
            all.addAll(host.lines(rotated));
        }
        host.awaitExit(id);
        all.addAll(host.lines(host.log(id)));
        assertThat(all).isEqualTo(numbers(1, 120_000));
    }

    @Test
    void anExitedContainersLogIsNotReopened() {
        Shim shim = host.open();
        String id = host.start(shim, "true");
        host.awaitExit(id);
        Path other = host.run.resolve("other.log");
        assertThatThrownBy(() -> shim.reopenLog(id, other)).isInstanceOf(RuntimeFailure.NotFound.class);
        assertThat(other).doesNotExist();
    }

    @Test
    void aFullDiskCostsLinesAndOneNoteSaysHowMany() throws Exception {
        Path disk = Files.createDirectory(host.run.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=128k", "none", disk.toString());
        try {
            Files.write(disk.resolve("filler"), new byte[64 << 10]);
            Shim shim = host.open();
            String id = ShimHost.newId();
            Path log = disk.resolve("log");
            Path go = host.run.resolve("go");
            shim.execute(
                    TinyPlans.container(
                            id, "seq 1 20000; while [ ! -e " + go + " ]; do sleep 0.02; done; echo after", log),
                    ShimHost.DEADLINE);
            await().until(() -> Files.size(log) > 20_000);
            Thread.sleep(300);
            Files.delete(disk.resolve("filler"));
            await().until(() -> notes(log).size() == 1);
            Files.createFile(go);
            Exit exit = host.awaitExit(id);
            List<String> lines = host.lines(log);
            Matcher note = LOSS.matcher(notes(log).getFirst());
            assertThat(note.matches()).isTrue();
            assertThat(note.group(2)).isEqualTo("No space left on device");
            assertThat(Long.parseLong(note.group(1))).isEqualTo(exit.lostLogBytes());
            assertThat(lines.getLast()).isEqualTo("stdout F after");
            assertThat(bytesOf(lines))
                    .isEqualTo(bytesOf(numbers(1, 20_000)) + "after\n".length() - exit.lostLogBytes());
            assertThat(lines.subList(0, lines.size() - 2)).isSubsetOf(numbers(1, 20_000));
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    @Test
    void aVanishedDirectoryCostsLinesUntilItIsBack() throws Exception {
        Path directory = Files.createDirectory(host.run.resolve("logs"));
        Path log = directory.resolve("log");
        Shim shim = host.open();
        String id = ShimHost.newId();
        Path go = host.run.resolve("go");
        shim.execute(
                TinyPlans.container(
                        id,
                        "echo first; while [ ! -e %s ]; do sleep 0.02; done; echo lost; sleep 3; echo last"
                                .formatted(go),
                        log),
                ShimHost.DEADLINE);
        await().until(() -> Files.size(log) > 0);
        Files.delete(log);
        Files.delete(directory);
        Files.createFile(go);
        Thread.sleep(500);
        Files.createDirectory(directory);
        Exit exit = host.awaitExit(id);
        assertThat(exit.lostLogBytes()).isEqualTo("lost\n".length());
        assertThat(host.lines(log))
                .containsExactly(
                        "stderr F coracle: 5 bytes of output were lost: No such file or directory", "stdout F last");
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws IOException {
        Path victim = Files.createFile(host.run.resolve("victim"));
        Shim shim = host.open();
        String id = host.start(shim, "while :; do echo x; sleep 0.01; done");
        Path link = Files.createSymbolicLink(host.run.resolve("link.log"), victim);
        assertThatThrownBy(() -> shim.reopenLog(id, link)).hasMessageContaining("ELOOP");
        assertThat(victim).isEmptyFile();
    }

    private List<String> notes(Path log) {
        return host.lines(log).stream()
                .filter(line -> LOSS.matcher(line).matches())
                .toList();
    }

    private static long bytesOf(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("stdout F "))
                .mapToLong(line -> line.length() - "stdout F ".length() + 1)
                .sum();
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(i -> "stdout F " + i).toList();
    }

    private static String zeros(String tag, int count) {
        return "stdout " + tag + " " + "0".repeat(count);
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
