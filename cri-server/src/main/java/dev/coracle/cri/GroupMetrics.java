package dev.coracle.cri;

import static dev.coracle.cri.MetricFamily.counter;
import static dev.coracle.cri.MetricFamily.gauge;
import static dev.coracle.cri.MetricFamily.plain;
import static dev.coracle.cri.MetricFamily.seconds;

import dev.coracle.cri.MetricFamily.Sample;
import dev.coracle.proto.v1.MetricType;
import dev.coracle.stats.Figure;
import dev.coracle.stats.GroupFigures;
import dev.coracle.stats.NumaPages;
import dev.coracle.stats.Psi;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metrics of every group, a container's or a pod's: processor, memory, pressure and limits, with the names that cAdvisor gave them. */
final class GroupMetrics {
    private static final MetricFamily<GroupFigures> FAULTS = new MetricFamily<>(
            "container_memory_failures_total",
            "Page faults.",
            MetricType.COUNTER,
            List.of("failure_type", "scope"),
            GroupMetrics::faults);

    private static final MetricFamily<GroupFigures> NUMA = new MetricFamily<>(
            "container_memory_numa_pages",
            "Pages on each memory node.",
            MetricType.GAUGE,
            List.of("type", "scope", "node"),
            group -> group.numa().stream().map(GroupMetrics::pages).toList());

    static final List<MetricFamily<GroupFigures>> ALL = Stream.of(
                    cpu(), memory(), nodes(), reclaim(), pressure(), limits())
            .flatMap(List::stream)
            .toList();

    private GroupMetrics() {}

    private static List<MetricFamily<GroupFigures>> cpu() {
        List<MetricFamily<GroupFigures>> families = new ArrayList<>();
        families.add(seconds(
                "container_cpu_user_seconds_total", Figure.CPU_USER, "Processor time in user mode, in seconds."));
        families.add(seconds(
                "container_cpu_system_seconds_total", Figure.CPU_SYSTEM, "Processor time in the kernel, in seconds."));
        families.add(new MetricFamily<>(
                "container_cpu_usage_seconds_total",
                "Processor time over all processors, in seconds.",
                MetricType.COUNTER,
                List.of("cpu"),
                group -> total(MetricFamily.seconds(group.of(Figure.CPU_USAGE)))));
        Stream.of(
                        counter("container_cpu_cfs_periods_total", Figure.CPU_PERIODS, "Periods with a quota."),
                        counter(
                                "container_cpu_cfs_throttled_periods_total",
                                Figure.CPU_THROTTLED_PERIODS,
                                "Periods in which the quota was used up."),
                        seconds(
                                "container_cpu_cfs_throttled_seconds_total",
                                Figure.CPU_THROTTLED_TIME,
                                "Time spent waiting for the next period, in seconds."),
                        counter(
                                "container_cpu_cfs_burst_periods_total",
                                Figure.CPU_BURST_PERIODS,
                                "Periods in which saved quota was used."),
                        seconds(
                                "container_cpu_cfs_burst_seconds_total",
                                Figure.CPU_BURST_TIME,
                                "Saved quota that was used, in seconds."))
                .map(family ->
                        family.onlyIf(group -> group.of(Figure.LIMIT_CPU_QUOTA).isPresent()))
                .forEach(families::add);
        return families;
    }

    private static List<Sample> total(OptionalLong value) {
        return value.isPresent() ? List.of(new Sample(List.of("total"), value.getAsLong())) : List.of();
    }

    private static List<MetricFamily<GroupFigures>> memory() {
        return List.of(
                gauge("container_memory_cache", Figure.MEMORY_CACHE, "Page cache, in bytes."),
                gauge("container_memory_rss", Figure.MEMORY_RSS, "Anonymous memory, in bytes."),
                gauge("container_memory_kernel_usage", Figure.MEMORY_KERNEL, "Memory of the kernel, in bytes."),
                gauge("container_memory_mapped_file", Figure.MEMORY_MAPPED_FILE, "Mapped files, in bytes."),
                gauge("container_memory_swap", Figure.MEMORY_SWAP, "Swap in use, in bytes."),
                gauge("container_memory_usage_bytes", Figure.MEMORY_USAGE, "All memory charged, in bytes."),
                gauge(
                        "container_memory_max_usage_bytes",
                        Figure.MEMORY_MAX_USAGE,
                        "Most memory ever charged, in bytes."),
                gauge(
                        "container_memory_working_set_bytes",
                        Figure.MEMORY_WORKING_SET,
                        "Memory charged without file pages that are easy to drop, in bytes."),
                gauge(
                        "container_memory_total_active_file_bytes",
                        Figure.MEMORY_ACTIVE_FILE,
                        "File pages in use, in bytes."),
                gauge(
                        "container_memory_total_inactive_file_bytes",
                        Figure.MEMORY_INACTIVE_FILE,
                        "File pages that are easy to drop, in bytes."),
                gauge(
                        "container_memory_file_dirty_bytes",
                        Figure.MEMORY_FILE_DIRTY,
                        "File pages to be written, in bytes."),
                gauge(
                        "container_memory_file_writeback_bytes",
                        Figure.MEMORY_FILE_WRITEBACK,
                        "File pages being written, in bytes."),
                counter("container_memory_failcnt", Figure.MEMORY_LIMIT_HITS, "How often the memory limit was met."),
                counter("container_oom_events_total", Figure.MEMORY_OOM_KILLS, "Processes killed for want of memory."),
                FAULTS);
    }

    private static List<MetricFamily<GroupFigures>> nodes() {
        return List.of(
                gauge(
                        "container_memory_migrate",
                        Figure.MEMORY_MIGRATE,
                        "1 where pages follow to memory nodes that are given later."),
                NUMA);
    }

    private static Sample pages(NumaPages pages) {
        return new Sample(
                List.of(pages.type(), pages.whole() ? "hierarchy" : "container", pages.node()), pages.pages());
    }

    private static List<Sample> faults(GroupFigures group) {
        List<Sample> samples = new ArrayList<>();
        addFaults(samples, group, Figure.MEMORY_OWN_PAGE_FAULTS, List.of("pgfault", "container"));
        addFaults(samples, group, Figure.MEMORY_OWN_MAJOR_PAGE_FAULTS, List.of("pgmajfault", "container"));
        addFaults(samples, group, Figure.MEMORY_PAGE_FAULTS, List.of("pgfault", "hierarchy"));
        addFaults(samples, group, Figure.MEMORY_MAJOR_PAGE_FAULTS, List.of("pgmajfault", "hierarchy"));
        return samples;
    }

    private static void addFaults(List<Sample> samples, GroupFigures group, Figure figure, List<String> labels) {
        group.of(figure).ifPresent(value -> samples.add(new Sample(labels, value)));
    }

    /** Counted by version 2; some by late kernels of version 1 too. */
    private static List<MetricFamily<GroupFigures>> reclaim() {
        return List.of(
                counter("container_memory_events_high_total", Figure.MEMORY_HIGH_EVENTS, "Throttlings at memory.high."),
                counter("container_memory_events_max_total", Figure.MEMORY_MAX_EVENTS, "Encounters with memory.max."),
                counter("container_memory_pgscan_total", Figure.MEMORY_PAGES_SCANNED, "Pages looked at by reclaim."),
                counter("container_memory_pgsteal_total", Figure.MEMORY_PAGES_STOLEN, "Pages taken by reclaim."),
                counter(
                        "container_memory_workingset_refault_file_total",
                        Figure.MEMORY_REFAULTS_FILE,
                        "File pages that came back soon after they were taken."),
                counter(
                        "container_memory_workingset_refault_anon_total",
                        Figure.MEMORY_REFAULTS_ANON,
                        "Anonymous pages that came back soon after they were taken."));
    }

    private static List<MetricFamily<GroupFigures>> pressure() {
        List<MetricFamily<GroupFigures>> families = new ArrayList<>();
        addPressure(families, "cpu", GroupFigures::cpuPressure);
        addPressure(families, "memory", GroupFigures::memoryPressure);
        addPressure(families, "io", GroupFigures::ioPressure);
        return families;
    }

    private static void addPressure(
            List<MetricFamily<GroupFigures>> families, String resource, Function<GroupFigures, @Nullable Psi> psi) {
        families.add(plain(
                "container_pressure_" + resource + "_waiting_seconds_total",
                "Time in which some processes waited for " + resource + ", in seconds.",
                MetricType.COUNTER,
                group -> waited(psi.apply(group), false)));
        families.add(plain(
                "container_pressure_" + resource + "_stalled_seconds_total",
                "Time in which all processes waited for " + resource + ", in seconds.",
                MetricType.COUNTER,
                group -> waited(psi.apply(group), true)));
    }

    private static OptionalLong waited(@Nullable Psi psi, boolean full) {
        if (psi == null) {
            return OptionalLong.empty();
        }
        return OptionalLong.of((full ? psi.full() : psi.some()).totalNanos() / MetricFamily.NANOS);
    }

    private static List<MetricFamily<GroupFigures>> limits() {
        return List.of(
                gauge("container_spec_cpu_period", Figure.LIMIT_CPU_PERIOD, "Period of the processor quota, in µs."),
                gauge("container_spec_cpu_quota", Figure.LIMIT_CPU_QUOTA, "Processor time in each period, in µs."),
                gauge("container_spec_cpu_shares", Figure.LIMIT_CPU_SHARES, "Weight among other groups, as shares."),
                limit(
                        "container_spec_memory_limit_bytes",
                        Figure.LIMIT_MEMORY,
                        "Limit of memory, in bytes; 0 for none."),
                limit(
                        "container_spec_memory_reservation_limit_bytes",
                        Figure.LIMIT_MEMORY_SOFT,
                        "Memory that reclaim spares, in bytes; 0 for none."),
                limit(
                        "container_spec_memory_swap_limit_bytes",
                        Figure.LIMIT_MEMORY_SWAP,
                        "Limit of swap, in bytes; 0 for none."));
    }

    /** cAdvisor shows a limit that is not set as 0. */
    private static MetricFamily<GroupFigures> limit(String name, Figure figure, String help) {
        return plain(
                name,
                help,
                MetricType.GAUGE,
                group -> OptionalLong.of(group.of(figure).orElse(0)));
    }
}
