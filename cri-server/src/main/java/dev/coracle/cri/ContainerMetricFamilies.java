package dev.coracle.cri;

import static dev.coracle.cri.MetricFamily.plain;

import dev.coracle.cri.MetricFamily.Sample;
import dev.coracle.pod.ContainerFigures;
import dev.coracle.proto.v1.MetricType;
import dev.coracle.stats.BlockDevices;
import dev.coracle.stats.DeviceTraffic;
import dev.coracle.stats.Figure;
import dev.coracle.stats.HugepageUsage;
import dev.coracle.stats.ProcessUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metrics of containers, beside those of their groups: their life, processes, disks, files and huge pages. */
final class ContainerMetricFamilies {
    private static final List<String> DEVICE = List.of("device");
    private static final List<String> PAGE_SIZE = List.of("pagesize");

    static final List<MetricFamily<ContainerFigures>> ALL = Stream.of(
                    life(), ofGroups(), processes(), traffic(), costs(), files(), hugepages())
            .flatMap(List::stream)
            .toList();

    private ContainerMetricFamilies() {}

    private static List<MetricFamily<ContainerFigures>> life() {
        return List.of(
                gauge(
                        "container_last_seen",
                        "When the container was last measured, in seconds since the epoch.",
                        _ -> Instant.now().getEpochSecond()),
                gauge(
                        "container_creation_time_seconds",
                        "When the container was created, in seconds since the epoch.",
                        figures -> figures.container().createdAt() / MetricFamily.NANOS),
                gauge(
                        "container_start_time_seconds",
                        "When the container was started, in seconds since the epoch.",
                        figures -> figures.startedAt() / MetricFamily.NANOS));
    }

    private static List<MetricFamily<ContainerFigures>> ofGroups() {
        return GroupMetrics.ALL.stream()
                .map(family -> family.of(ContainerFigures::group))
                .toList();
    }

    private static List<MetricFamily<ContainerFigures>> processes() {
        return List.of(
                gauge(
                        "container_processes",
                        "Processes.",
                        figures -> figures.processes().processes()),
                gauge(
                        "container_file_descriptors",
                        "Open files.",
                        figures -> figures.processes().descriptors()),
                gauge(
                        "container_sockets",
                        "Open sockets.",
                        figures -> figures.processes().sockets()),
                plain(
                        "container_threads",
                        "Threads of all processes.",
                        MetricType.GAUGE,
                        figures -> figures.group().of(Figure.THREADS)),
                gauge(
                        "container_threads_max",
                        "Limit of threads; 0 for none.",
                        figures -> figures.group().of(Figure.THREADS_MAX).orElse(0)),
                new MetricFamily<>(
                        "container_ulimits_soft",
                        "Soft limits of the first process.",
                        MetricType.GAUGE,
                        List.of("ulimit"),
                        figures -> openFiles(figures.processes())));
    }

    private static List<Sample> openFiles(ProcessUsage usage) {
        return usage.maxOpenFiles() == null
                ? List.of()
                : List.of(new Sample(List.of("max_open_files"), usage.maxOpenFiles()));
    }

    private static List<MetricFamily<ContainerFigures>> traffic() {
        return List.of(
                perDevice("container_fs_reads_bytes_total", "Bytes read.", device -> counted(device.bytes(), "Read")),
                perDevice("container_fs_reads_total", "Reads.", device -> counted(device.operations(), "Read")),
                perDevice(
                        "container_fs_writes_bytes_total",
                        "Bytes written.",
                        device -> counted(device.bytes(), "Write")),
                perDevice("container_fs_writes_total", "Writes.", device -> counted(device.operations(), "Write")),
                new MetricFamily<>(
                        "container_blkio_device_usage_total",
                        "Bytes by device and operation.",
                        MetricType.COUNTER,
                        List.of("device", "major", "minor", "operation"),
                        figures -> figures.group().devices().stream()
                                .flatMap(ContainerMetricFamilies::byOperation)
                                .toList()));
    }

    private static OptionalLong counted(Map<String, Long> counts, String operation) {
        Long count = counts.get(operation);
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }

    private static Stream<Sample> byOperation(DeviceTraffic traffic) {
        String[] numbers = traffic.device().split(":", -1);
        String name = BlockDevices.name(traffic.device());
        return traffic.bytes().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Sample(List.of(name, numbers[0], numbers[1], entry.getKey()), entry.getValue()));
    }

    /** Where the kernel weighs disks by io.cost (5.4). */
    private static List<MetricFamily<ContainerFigures>> costs() {
        return List.of(
                cost("usage", "Share of devices used, in seconds."),
                cost("wait", "Time spent waiting for a share of devices, in seconds."),
                cost("indebt", "Time spent with a debt, in seconds."),
                cost("indelay", "Time spent delayed for a debt, in seconds."));
    }

    private static MetricFamily<ContainerFigures> cost(String kind, String help) {
        return perDevice(
                "container_fs_io_cost_" + kind + "_seconds_total",
                help,
                device -> MetricFamily.seconds(counted(device.costs(), kind)));
    }

    private static MetricFamily<ContainerFigures> perDevice(
            String name, String help, Function<DeviceTraffic, OptionalLong> value) {
        return new MetricFamily<>(name, help, MetricType.COUNTER, DEVICE, figures -> {
            List<Sample> samples = new ArrayList<>();
            for (DeviceTraffic device : figures.group().devices()) {
                value.apply(device)
                        .ifPresent(
                                found -> samples.add(new Sample(List.of(BlockDevices.name(device.device())), found)));
            }
            return samples;
        });
    }

    private static List<MetricFamily<ContainerFigures>> files() {
        return List.of(
                onLayers(
                        "container_fs_usage_bytes",
                        "What the container has written to its root, in bytes.",
                        figures -> figures.writable() == null
                                ? null
                                : figures.writable().bytes()),
                onLayers(
                        "container_fs_limit_bytes",
                        "Size of the file system that its root is written to, in bytes.",
                        figures -> figures.layers().limit()),
                onLayers(
                        "container_fs_inodes_total",
                        "Inodes of the file system that its root is written to.",
                        figures -> figures.layers().inodes()),
                onLayers(
                        "container_fs_inodes_free",
                        "Free inodes of the file system that its root is written to.",
                        figures -> figures.layers().freeInodes()));
    }

    private static MetricFamily<ContainerFigures> onLayers(
            String name, String help, Function<ContainerFigures, @Nullable Long> value) {
        return new MetricFamily<>(name, help, MetricType.GAUGE, DEVICE, figures -> {
            Long found = value.apply(figures);
            return found == null
                    ? List.of()
                    : List.of(new Sample(List.of(figures.layers().device()), found));
        });
    }

    private static List<MetricFamily<ContainerFigures>> hugepages() {
        return List.of(
                perSize(
                        "container_hugetlb_usage_bytes",
                        "Huge pages in use, in bytes.",
                        MetricType.GAUGE,
                        HugepageUsage::usage),
                perSize(
                        "container_hugetlb_max_usage_bytes",
                        "Most huge pages ever in use, in bytes.",
                        MetricType.GAUGE,
                        HugepageUsage::maxUsage),
                perSize(
                        "container_hugetlb_failcnt",
                        "How often the limit of huge pages was met.",
                        MetricType.COUNTER,
                        HugepageUsage::limitHits));
    }

    private static MetricFamily<ContainerFigures> perSize(
            String name, String help, MetricType type, Function<HugepageUsage, @Nullable Long> value) {
        return new MetricFamily<>(name, help, type, PAGE_SIZE, figures -> {
            List<Sample> samples = new ArrayList<>();
            for (HugepageUsage usage : figures.group().hugepages()) {
                Long found = value.apply(usage);
                if (found != null) {
                    samples.add(new Sample(List.of(usage.pageSize()), found));
                }
            }
            return samples;
        });
    }

    private static MetricFamily<ContainerFigures> gauge(
            String name, String help, ToLongFunction<ContainerFigures> value) {
        return plain(name, help, MetricType.GAUGE, figures -> OptionalLong.of(value.applyAsLong(figures)));
    }
}
