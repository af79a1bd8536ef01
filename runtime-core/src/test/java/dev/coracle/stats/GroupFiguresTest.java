package dev.coracle.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.stats.GroupReader.Subject;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is made of a container's files as kernels wrote them: version 2 of 6.1, version 1 of 6.18. */
final class GroupFiguresTest {
    private static final List<String> PAGE_SIZES = List.of("2MB", "1GB");

    /** What only version 2 counts. */
    private static final Set<Figure> ONLY_V2 = EnumSet.of(
            Figure.MEMORY_HIGH_EVENTS,
            Figure.MEMORY_MAX_EVENTS,
            Figure.MEMORY_PAGES_SCANNED,
            Figure.MEMORY_PAGES_STOLEN);

    private static final Psi.Line NONE = new Psi.Line(999_999_000, 0, 0, 0);

    @Test
    void version2() throws URISyntaxException {
        GroupFigures group = GroupReader.figures("c", v2(), PAGE_SIZES);
        Map<Figure, Long> expected = same();
        expected.put(Figure.MEMORY_HIGH_EVENTS, 4L);
        expected.put(Figure.MEMORY_MAX_EVENTS, 9L);
        expected.put(Figure.MEMORY_PAGES_SCANNED, 700L);
        expected.put(Figure.MEMORY_PAGES_STOLEN, 600L);
        expected.put(Figure.MEMORY_OWN_PAGE_FAULTS, 11_871L);
        expected.put(Figure.MEMORY_OWN_MAJOR_PAGE_FAULTS, 30L);
        expected.put(Figure.LIMIT_MEMORY_SOFT, 0L);
        assertThat(group.figures()).isEqualTo(expected);
        assertThat(group.devices())
                .containsExactly(
                        new DeviceTraffic(
                                "8:16",
                                Map.of("Read", 1_048_576L, "Write", 8_192L, "Discard", 4_096L),
                                Map.of("Read", 20L, "Write", 2L, "Discard", 1L),
                                Map.of("usage", 2_500_000_000L, "wait", 0L, "indebt", 0L, "indelay", 0L)),
                        new DeviceTraffic(
                                "8:0",
                                Map.of("Read", 512L, "Write", 0L, "Discard", 0L),
                                Map.of("Read", 1L, "Write", 0L, "Discard", 0L),
                                Map.of()));
        assertThat(group.hugepages()).containsExactly(new HugepageUsage("2MB", 2_097_152, null, 5));
        assertThat(group.numa())
                .containsExactly(
                        new NumaPages("anon", true, "0", 25),
                        new NumaPages("anon", true, "1", 10),
                        new NumaPages("file", true, "0", 30),
                        new NumaPages("file", true, "1", 10),
                        new NumaPages("unevictable", true, "0", 0),
                        new NumaPages("unevictable", true, "1", 0));
        checkPressure(group);
    }

    @Test
    void version1InAHybridSetUp() throws URISyntaxException {
        GroupFigures group = GroupReader.figures("c", v1(directory("cgroup/v1/unified")), PAGE_SIZES);
        Map<Figure, Long> expected = same();
        expected.put(Figure.MEMORY_OWN_PAGE_FAULTS, 10_000L);
        expected.put(Figure.MEMORY_OWN_MAJOR_PAGE_FAULTS, 20L);
        expected.put(Figure.LIMIT_MEMORY_SWAP, 134_217_728L);
        expected.put(Figure.MEMORY_MIGRATE, 1L);
        assertThat(group.figures()).isEqualTo(expected);
        assertThat(group.devices())
                .containsExactly(new DeviceTraffic(
                        "8:16",
                        Map.of("Read", 1_048_576L, "Write", 8_192L, "Discard", 4_096L),
                        Map.of("Read", 20L, "Write", 2L, "Discard", 1L),
                        Map.of()));
        assertThat(group.hugepages()).containsExactly(new HugepageUsage("2MB", 2_097_152, 4_194_304L, 5));
        assertThat(group.numa())
                .contains(
                        new NumaPages("file", false, "1", 10),
                        new NumaPages("anon", false, "0", 20),
                        new NumaPages("anon", true, "0", 25))
                .hasSize(12);
        checkPressure(group);
    }

    @Test
    void version1AloneHasNoPressureAndTheRestAllTheSame() throws URISyntaxException {
        GroupFigures group = GroupReader.figures("c", v1(null), PAGE_SIZES);
        assertThat(group.cpuPressure()).isNull();
        assertThat(group.memoryPressure()).isNull();
        assertThat(group.ioPressure()).isNull();
        assertThat(group.of(Figure.MEMORY_RSS)).hasValue(21_049_344);
        assertThat(EnumSet.complementOf(EnumSet.copyOf(group.figures().keySet())))
                .containsAll(ONLY_V2)
                .as("no limit is no figure")
                .contains(Figure.THREADS_MAX, Figure.LIMIT_MEMORY_SOFT);
    }

    @Test
    void usageIsTheSameOfBothVersions() throws URISyntaxException {
        GroupReader reader = new GroupReader(Clock.systemUTC());
        GroupUsage two = reader.read(new Subject("two", 0), v2());
        GroupUsage one = reader.read(new Subject("one", 0), v1(directory("cgroup/v1/unified")));
        for (GroupUsage usage : List.of(one, two)) {
            assertThat(usage.cpu().coreNanoSeconds()).isEqualTo(7_654_321_000L);
            assertThat(usage.memory().workingSet()).isEqualTo(31_457_280 - 6_291_456);
            assertThat(usage.memory().available()).isEqualTo(67_108_864 - 31_457_280 + 6_291_456);
            assertThat(usage.memory().rss()).isEqualTo(21_049_344);
            assertThat(usage.memory().pageFaults()).isEqualTo(11_871);
            assertThat(usage.memory().majorPageFaults()).isEqualTo(30);
            assertThat(Objects.requireNonNull(usage.swap()).usage()).isEqualTo(12_288);
            assertThat(Objects.requireNonNull(usage.cpu().psi()).some().avg10()).isEqualTo(1.5);
            assertThat(Objects.requireNonNull(usage.io()).full()).isEqualTo(NONE);
        }
    }

    @Test
    void aGroupThatIsGoneIsNotFound() {
        GroupFiles gone = new GroupFiles.V2(Path.of("/nonexistent"));
        assertThatThrownBy(() -> GroupReader.figures("c", gone, PAGE_SIZES)).isInstanceOf(NotFound.class);
    }

    private static void checkPressure(GroupFigures group) {
        assertThat(group.cpuPressure())
                .isEqualTo(new Psi(new Psi.Line(7_000_000_000L, 1.5, 0.25, 0), new Psi.Line(2_000_000_000L, 0, 0, 0)));
        assertThat(Objects.requireNonNull(group.memoryPressure()).some().totalNanos())
                .isEqualTo(3_000_000_000L);
        assertThat(Objects.requireNonNull(group.ioPressure()).full()).isEqualTo(NONE);
    }

    /** What both have, equal. */
    private static Map<Figure, Long> same() {
        return new HashMap<>(Map.ofEntries(
                Map.entry(Figure.CPU_USAGE, 7_654_321_000L),
                Map.entry(Figure.CPU_USER, 5_654_321_000L),
                Map.entry(Figure.CPU_SYSTEM, 2_000_000_000L),
                Map.entry(Figure.CPU_PERIODS, 40L),
                Map.entry(Figure.CPU_THROTTLED_PERIODS, 12L),
                Map.entry(Figure.CPU_THROTTLED_TIME, 3_000_000_000L),
                Map.entry(Figure.CPU_BURST_PERIODS, 3L),
                Map.entry(Figure.CPU_BURST_TIME, 1_000_000_000L),
                Map.entry(Figure.MEMORY_USAGE, 31_457_280L),
                Map.entry(Figure.MEMORY_MAX_USAGE, 33_554_432L),
                Map.entry(Figure.MEMORY_WORKING_SET, 25_165_824L),
                Map.entry(Figure.MEMORY_CACHE, 8_388_608L),
                Map.entry(Figure.MEMORY_RSS, 21_049_344L),
                Map.entry(Figure.MEMORY_KERNEL, 1_196_032L),
                Map.entry(Figure.MEMORY_MAPPED_FILE, 2_097_152L),
                Map.entry(Figure.MEMORY_SWAP, 12_288L),
                Map.entry(Figure.MEMORY_ACTIVE_FILE, 2_097_152L),
                Map.entry(Figure.MEMORY_INACTIVE_FILE, 6_291_456L),
                Map.entry(Figure.MEMORY_FILE_DIRTY, 135_168L),
                Map.entry(Figure.MEMORY_FILE_WRITEBACK, 4_096L),
                Map.entry(Figure.MEMORY_LIMIT_HITS, 9L),
                Map.entry(Figure.MEMORY_REFAULTS_FILE, 6L),
                Map.entry(Figure.MEMORY_REFAULTS_ANON, 5L),
                Map.entry(Figure.MEMORY_PAGE_FAULTS, 11_871L),
                Map.entry(Figure.MEMORY_MAJOR_PAGE_FAULTS, 30L),
                Map.entry(Figure.MEMORY_OOM_KILLS, 1L),
                Map.entry(Figure.THREADS, 3L),
                Map.entry(Figure.LIMIT_CPU_PERIOD, 100_000L),
                Map.entry(Figure.LIMIT_CPU_QUOTA, 50_000L),
                Map.entry(Figure.LIMIT_CPU_SHARES, 1_024L),
                Map.entry(Figure.LIMIT_MEMORY, 67_108_864L)));
    }

    private static GroupFiles v2() throws URISyntaxException {
        return new GroupFiles.V2(directory("cgroup/v2"));
    }

    private static GroupFiles.V1 v1(@Nullable Path unified) throws URISyntaxException {
        Map<String, Path> directories = new HashMap<>();
        for (String controller : List.of("cpu", "cpuacct", "cpuset", "memory", "pids", "blkio", "hugetlb")) {
            directories.put(controller, directory("cgroup/v1/" + controller));
        }
        return new GroupFiles.V1(directories, unified);
    }

    private static Path directory(String resource) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(GroupFiguresTest.class.getClassLoader().getResource(resource))
                        .toURI());
    }
}
