package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.pod.ContainerFigures;
import dev.coracle.pod.PodFigures;
import dev.coracle.proto.v1.ContainerMetrics;
import dev.coracle.proto.v1.Metric;
import dev.coracle.proto.v1.MetricDescriptor;
import dev.coracle.proto.v1.PodSandboxMetrics;
import dev.coracle.state.ContainerState;
import dev.coracle.stats.DeviceTraffic;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.Figure;
import dev.coracle.stats.FileSystemUsage;
import dev.coracle.stats.GroupFigures;
import dev.coracle.stats.HugepageUsage;
import dev.coracle.stats.InterfaceUsage;
import dev.coracle.stats.InterfaceUsage.Direction;
import dev.coracle.stats.NetworkFigures;
import dev.coracle.stats.NumaPages;
import dev.coracle.stats.ProcessUsage;
import dev.coracle.stats.Psi;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Descriptors and values, held together. */
final class MetricsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String CGROUP = "/kubepods/podx";

    /**
     * What cAdvisor can tell of containers, without what docs/usage.md gives a reason for leaving out.
     */
    private static final Set<String> CADVISOR = Set.of(
            "container_last_seen",
            "container_creation_time_seconds",
            "container_start_time_seconds",
            "container_cpu_user_seconds_total",
            "container_cpu_system_seconds_total",
            "container_cpu_usage_seconds_total",
            "container_cpu_cfs_periods_total",
            "container_cpu_cfs_throttled_periods_total",
            "container_cpu_cfs_throttled_seconds_total",
            "container_cpu_cfs_burst_periods_total",
            "container_cpu_cfs_burst_seconds_total",
            "container_memory_cache",
            "container_memory_rss",
            "container_memory_kernel_usage",
            "container_memory_mapped_file",
            "container_memory_swap",
            "container_memory_failcnt",
            "container_memory_usage_bytes",
            "container_memory_max_usage_bytes",
            "container_memory_working_set_bytes",
            "container_memory_total_active_file_bytes",
            "container_memory_total_inactive_file_bytes",
            "container_memory_failures_total",
            "container_memory_migrate",
            "container_memory_numa_pages",
            "container_memory_events_high_total",
            "container_memory_events_max_total",
            "container_memory_file_dirty_bytes",
            "container_memory_file_writeback_bytes",
            "container_memory_pgscan_total",
            "container_memory_pgsteal_total",
            "container_memory_workingset_refault_file_total",
            "container_memory_workingset_refault_anon_total",
            "container_oom_events_total",
            "container_pressure_cpu_waiting_seconds_total",
            "container_pressure_cpu_stalled_seconds_total",
            "container_pressure_memory_waiting_seconds_total",
            "container_pressure_memory_stalled_seconds_total",
            "container_pressure_io_waiting_seconds_total",
            "container_pressure_io_stalled_seconds_total",
            "container_spec_cpu_period",
            "container_spec_cpu_quota",
            "container_spec_cpu_shares",
            "container_spec_memory_limit_bytes",
            "container_spec_memory_reservation_limit_bytes",
            "container_spec_memory_swap_limit_bytes",
            "container_processes",
            "container_file_descriptors",
            "container_sockets",
            "container_threads",
            "container_threads_max",
            "container_ulimits_soft",
            "container_fs_inodes_free",
            "container_fs_inodes_total",
            "container_fs_limit_bytes",
            "container_fs_usage_bytes",
            "container_fs_reads_bytes_total",
            "container_fs_reads_total",
            "container_fs_writes_bytes_total",
            "container_fs_writes_total",
            "container_fs_io_cost_usage_seconds_total",
            "container_fs_io_cost_wait_seconds_total",
            "container_fs_io_cost_indebt_seconds_total",
            "container_fs_io_cost_indelay_seconds_total",
            "container_blkio_device_usage_total",
            "container_hugetlb_usage_bytes",
            "container_hugetlb_max_usage_bytes",
            "container_hugetlb_failcnt",
            "container_network_advance_tcp_stats_total",
            "container_network_receive_bytes_total",
            "container_network_receive_packets_total",
            "container_network_receive_errors_total",
            "container_network_receive_packets_dropped_total",
            "container_network_transmit_bytes_total",
            "container_network_transmit_packets_total",
            "container_network_transmit_errors_total",
            "container_network_transmit_packets_dropped_total");

    private static final Map<String, MetricDescriptor> DESCRIPTORS =
            MetricsOut.descriptors().stream().collect(Collectors.toMap(MetricDescriptor::getName, Function.identity()));

    private final PodSandboxMetrics full = MetricsOut.pod(pod(everything(), container(everything())));

    @Test
    void every_name_of_cadvisor_is_described_once_and_no_other() {
        assertThat(MetricsOut.descriptors())
                .extracting(MetricDescriptor::getName)
                .containsExactlyInAnyOrderElementsOf(CADVISOR);
        assertThat(MetricsOut.descriptors()).allSatisfy(descriptor -> {
            assertThat(descriptor.getHelp()).endsWith(".");
            assertThat(new HashSet<>(descriptor.getLabelKeysList())).hasSize(descriptor.getLabelKeysCount());
        });
    }

    @Test
    void what_counts_everything_tells_every_name_described_and_each_value_has_its_labels() {
        Set<String> told = new HashSet<>();
        for (Metric metric : all(full)) {
            told.add(metric.getName());
            assertThat(DESCRIPTORS).containsKey(metric.getName());
            assertThat(metric.getLabelValuesCount())
                    .as(metric.getName())
                    .isEqualTo(keys(metric).size());
        }
        assertThat(told).isEqualTo(CADVISOR);
    }

    /** A registry refuses two values of one name and equal labels. */
    @Test
    void no_value_is_told_twice() {
        Set<List<String>> seen = new HashSet<>();
        for (Metric metric : all(full)) {
            List<String> key = Stream.concat(Stream.of(metric.getName()), metric.getLabelValuesList().stream())
                    .toList();
            assertThat(seen.add(key)).as(key.toString()).isTrue();
        }
    }

    @Test
    void values_are_those_measured_and_times_whole_seconds() {
        Map<String, String> labels = labels(one(full, "container_cpu_user_seconds_total"));
        assertThat(labels)
                .containsEntry("container", "web")
                .containsEntry("id", CGROUP + "/c")
                .containsEntry("name", Records.id(2))
                .containsEntry("namespace", "shop")
                .containsEntry("pod", "web-0");
        assertThat(labels.get("image")).isNotEmpty();
        assertThat(value("container_cpu_user_seconds_total")).isEqualTo(place(Figure.CPU_USER));
        assertThat(value("container_memory_rss")).isEqualTo(place(Figure.MEMORY_RSS) * SECOND);
        assertThat(value("container_pressure_io_waiting_seconds_total")).isEqualTo(7);
        assertThat(value("container_pressure_io_stalled_seconds_total")).isEqualTo(3);
        assertThat(value("container_fs_usage_bytes")).isEqualTo(16);
        assertThat(labels(one(full, "container_fs_usage_bytes"))).containsEntry("device", "/dev/vda1");
        assertThat(value("container_start_time_seconds")).isEqualTo(1_700_000_000);
        assertThat(value("container_ulimits_soft")).isEqualTo(1_024);
        Metric pages = one(full, "container_memory_numa_pages");
        assertThat(pages.getValue().getValue()).isEqualTo(21);
        assertThat(labels(pages))
                .containsEntry("type", "anon")
                .containsEntry("scope", "container")
                .containsEntry("node", "0");
        assertThat(full.getMetricsList())
                .filteredOn(metric -> metric.getName().equals("container_network_advance_tcp_stats_total"))
                .singleElement()
                .satisfies(metric -> {
                    assertThat(metric.getValue().getValue()).isEqualTo(23);
                    assertThat(labels(metric)).containsEntry("tcp_state", "listendrops");
                });
        Metric received = full.getMetricsList().stream()
                .filter(metric -> metric.getName().equals("container_network_receive_packets_dropped_total"))
                .findFirst()
                .orElseThrow();
        assertThat(received.getValue().getValue()).isEqualTo(4);
        assertThat(labels(received)).containsEntry("interface", "eth0").containsEntry("container", "");
    }

    @Test
    void what_the_kernel_does_not_count_is_not_told() {
        GroupFigures nothing = new GroupFigures(Map.of(), List.of(), List.of(), List.of(), null, null, null);
        PodSandboxMetrics metrics = MetricsOut.pod(pod(nothing, container(nothing)));
        assertThat(all(metrics))
                .extracting(Metric::getName)
                .doesNotContain(
                        "container_memory_rss",
                        "container_spec_cpu_quota",
                        "container_cpu_cfs_periods_total",
                        "container_pressure_cpu_waiting_seconds_total");
        assertThat(one(metrics, "container_spec_memory_limit_bytes").getValue().getValue())
                .as("without a limit")
                .isZero();
    }

    private long value(String name) {
        return one(full, name).getValue().getValue();
    }

    private static Metric one(PodSandboxMetrics metrics, String name) {
        ContainerMetrics container = metrics.getContainerMetrics(0);
        return container.getMetricsList().stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> labels(Metric metric) {
        List<String> keys = keys(metric);
        return Stream.iterate(0, i -> i < keys.size(), i -> i + 1)
                .collect(Collectors.toMap(keys::get, metric::getLabelValues));
    }

    private static List<String> keys(Metric metric) {
        return Objects.requireNonNull(DESCRIPTORS.get(metric.getName())).getLabelKeysList();
    }

    private static List<Metric> all(PodSandboxMetrics metrics) {
        return Stream.concat(
                        metrics.getMetricsList().stream(),
                        metrics.getContainerMetricsList().stream()
                                .flatMap(container -> container.getMetricsList().stream()))
                .toList();
    }

    private static PodFigures pod(GroupFigures group, ContainerFigures container) {
        List<InterfaceUsage> network =
                List.of(new InterfaceUsage("eth0", new Direction(1, 2, 3, 4), new Direction(5, 6, 7, 8)));
        NetworkFigures figures = new NetworkFigures(network, Map.of("listendrops", 23L));
        return new PodFigures(Records.pod(1, Samples.POD), CGROUP, group, figures, List.of(container));
    }

    private static ContainerFigures container(GroupFigures group) {
        return new ContainerFigures(
                Records.container(2, 1, Samples.CONTAINER, new ContainerState.Running(Records.PREPARED, 1)),
                1_700_000_000 * SECOND,
                CGROUP + "/c",
                group,
                new ProcessUsage(1, 2, 3, 1_024L),
                new DiskUsage(15, "/var", 16, 17),
                new FileSystemUsage("/dev/vda1", 1_000, 100, 50));
    }

    private static long place(Figure figure) {
        return Arrays.asList(Figure.values()).indexOf(figure) + 1L;
    }

    /** Each figure is its own place among them, in seconds. */
    private static GroupFigures everything() {
        Map<Figure, Long> figures = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
            figures.put(figure, place(figure) * SECOND);
        }
        Psi psi = new Psi(new Psi.Line(7 * SECOND, 0, 0, 0), new Psi.Line(3 * SECOND, 0, 0, 0));
        Map<String, Long> counts = Map.of("Read", 1L, "Write", 2L, "Discard", 3L);
        Map<String, Long> costs = Map.of("usage", SECOND, "wait", SECOND, "indebt", SECOND, "indelay", SECOND);
        return new GroupFigures(
                figures,
                List.of(new DeviceTraffic("8:0", counts, counts, costs)),
                List.of(new HugepageUsage("2MB", 1, 2L, 3)),
                List.of(new NumaPages("anon", false, "0", 21), new NumaPages("anon", true, "1", 22)),
                psi,
                psi,
                psi);
    }
}
