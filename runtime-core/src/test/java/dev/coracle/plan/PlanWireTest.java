package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that are not a plan are refused, and never read beyond their end. */
class PlanWireTest {
    private static final int MUTANTS = 3_000;
    private static final int BATCH = 500;

    @TempDir
    private Path directory;

    @Test
    void whatIsCutShortIsRefused() throws IOException {
        byte[] whole = EveryOp.plan().encode();
        List<byte[]> parts = IntStream.range(0, whole.length)
                .filter(length -> length % 7 == 0)
                .mapToObj(length -> Arrays.copyOf(whole, length))
                .toList();
        for (int at = 0; at < parts.size(); at += BATCH) {
            List<byte[]> batch = parts.subList(at, Math.min(at + BATCH, parts.size()));
            ShimBinary.Outcome outcome = print(batch);
            assertThat(outcome.stdout()).isEmpty();
            assertThat(outcome.stderr().lines()).hasSameSizeAs(batch).allMatch(line -> line.endsWith("Protocol error"));
        }
    }

    @Test
    void whatFollowsIsRefused() throws IOException {
        byte[] whole = EveryOp.plan().encode();
        assertThat(print(List.of(Arrays.copyOf(whole, whole.length + 1))).stderr())
                .contains("Protocol error");
    }

    /** Bytes changed, doubled, taken out and exchanged: printed or refused, and the sanitizers are silent. */
    @Test
    void mutantsDoNoHarm() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] whole = EveryOp.plan().encode();
        int refused = 0;
        for (int done = 0; done < MUTANTS; done += BATCH) {
            List<byte[]> mutants = IntStream.range(0, BATCH)
                    .mapToObj(_ -> mutant(whole, random))
                    .toList();
            ShimBinary.Outcome outcome = print(mutants);
            List<String> lines = outcome.stderr().lines().toList();
            assertThat(lines).as("seed %d", seed).allMatch(line -> line.endsWith("Protocol error"));
            refused += lines.size();
        }
        assertThat(refused).as("seed %d", seed).isBetween(MUTANTS / 4, MUTANTS - 1);
    }

    private static byte[] mutant(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(1 + random.nextInt(16), bytes.length - at);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> System.arraycopy(bytes, random.nextInt(bytes.length - length), bytes, at, length);
                default -> Arrays.fill(bytes, at, at + length, random.nextBoolean() ? 0 : (byte) 0xff);
            }
        }
        return bytes;
    }

    private ShimBinary.Outcome print(List<byte[]> plans) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--print"));
        for (int i = 0; i < plans.size(); i++) {
            Path file = directory.resolve(i + ".plan");
            Files.write(file, plans.get(i));
            arguments.add(file.toString());
        }
        return ShimBinary.SANITIZED.call(arguments);
    }
}
