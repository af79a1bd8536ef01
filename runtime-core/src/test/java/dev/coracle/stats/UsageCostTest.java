package dev.coracle.stats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.coracle.stats.GroupReader.Subject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it costs to measure 100 pods with two containers each. Processor time and bytes are counted: other load does not count. */
final class UsageCostTest {
    private static final int GROUPS = 300;
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path directory;

    private final GroupReader reader = new GroupReader(Clock.systemUTC());
    private final List<GroupFiles> groups = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException, URISyntaxException {
        Path recorded = Path.of(
                Objects.requireNonNull(UsageCostTest.class.getClassLoader().getResource("cgroup/v2"))
                        .toURI());
        try (Stream<Path> files = Files.list(recorded)) {
            List<Path> all = files.toList();
            for (int i = 0; i < GROUPS; i++) {
                Path group = Files.createDirectory(directory.resolve("g" + i));
                for (Path file : all) {
                    Files.createLink(
                            group.resolve(file.getFileName()),
                            Files.exists(directory.resolve(file.getFileName()))
                                    ? directory.resolve(file.getFileName())
                                    : Files.copy(file, directory.resolve(file.getFileName())));
                }
                groups.add(new GroupFiles.V2(group));
            }
        }
    }

    /** Every ten seconds at most: a thousandth of a processor. */
    @Test
    void sampling_takes_less_than_10_ms() {
        assertThat(micros(group -> reader.sample(new Subject(group.toString(), 0), group)))
                .isLessThan(10_000);
    }

    /** A kubelet asks every ten seconds: less than a hundredth of a processor. */
    @Test
    void usage_takes_less_than_100_ms_and_its_garbage_fits_into_a_small_heap_many_times() {
        Measured measured = group -> reader.read(new Subject(group.toString(), 0), group);
        assertThat(micros(measured)).isLessThan(100_000);
        long before = THREAD.getCurrentThreadAllocatedBytes();
        groups.forEach(measured::measure);
        assertThat((THREAD.getCurrentThreadAllocatedBytes() - before) / GROUPS)
                .as("bytes for each group")
                .isLessThan(64 << 10);
    }

    private interface Measured {
        void measure(GroupFiles group);
    }

    private long micros(Measured measured) {
        long[] rounds = LongStream.range(0, 15)
                .map(_ -> {
                    long before = THREAD.getCurrentThreadCpuTime();
                    groups.forEach(measured::measure);
                    return (THREAD.getCurrentThreadCpuTime() - before) / 1_000;
                })
                .sorted()
                .toArray();
        return rounds[rounds.length / 2];
    }
}
