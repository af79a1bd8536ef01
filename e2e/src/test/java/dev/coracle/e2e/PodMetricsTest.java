package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ContainerMetrics;
import dev.coracle.proto.v1.ListMetricDescriptorsRequest;
import dev.coracle.proto.v1.ListPodSandboxMetricsRequest;
import dev.coracle.proto.v1.Metric;
import dev.coracle.proto.v1.MetricDescriptor;
import dev.coracle.proto.v1.PodSandboxMetrics;
import dev.coracle.proto.v1.StreamPodSandboxMetricsRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The metrics that replace cAdvisor's, against what the kernel's own files say. */
@DaemonTest
@CoracleOnly
final class PodMetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Uses a fifth of a processor however hard it tries, holds 20 MiB, has written 8 MB, and lost a child for want of memory. */
    private static RunningContainer worker(Rig rig, RunningPod pod) {
        RunningContainer container = pod.start(rig.busybox(
                        "head -c 8000000 /dev/zero > /written; (while true; do :; done) & /t/pause & /t/hog 90 child &"
                                + " exec /t/hog 20")
                .memory(80)
                .resources(r -> r.setCpuQuota(2_000)
                        .setCpuPeriod(10_000)
                        .setCpuShares(512)
                        .setMemorySwapLimitInBytes(80 << 20)));
        container.awaitLog("child ended by signal 9");
        container.awaitLog("took 20");
        return container;
    }

    @Test
    @Tag("vm")
    void valuesAreTheKernels(Rig rig) {
        RunningPod pod = rig.run(Pods.named("metrics"));
        RunningContainer container = worker(rig, pod);
        Values values = Waiting.until(
                "a second of work and a count of the layer",
                PATIENCE,
                () -> Optional.of(values(rig, pod))
                        .filter(v -> v.of("container_cpu_usage_seconds_total") >= 1
                                && v.of("container_cpu_cfs_throttled_seconds_total") >= 1
                                && v.of("container_fs_usage_bytes") >= 8_000_000));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        checkMemory(values, group);
        assertThat(values.of("container_spec_cpu_quota")).isEqualTo(2_000);
        assertThat(values.of("container_spec_cpu_period")).isEqualTo(10_000);
        // cgroup v2 keeps weights from 1 to 10,000: one of them is 26 shares
        assertThat(values.of("container_spec_cpu_shares")).isCloseTo(512, Offset.offset(26L));
        assertThat(values.of("container_cpu_cfs_throttled_periods_total"))
                .isBetween(1L, values.of("container_cpu_cfs_periods_total"));
        assertThat(values.of("container_cpu_user_seconds_total") + values.of("container_cpu_system_seconds_total"))
                .isBetween(0L, values.of("container_cpu_usage_seconds_total") + 1);
        assertThat(values.of("container_processes")).isEqualTo(group.processes().size());
        assertThat(values.of("container_threads")).isGreaterThanOrEqualTo(4);
        assertThat(values.of("container_file_descriptors")).isGreaterThanOrEqualTo(12);
        assertThat(values.of("container_ulimits_soft")).isPositive();
        assertThat(values.of("container_start_time_seconds"))
                .isEqualTo(container.status().getStartedAt() / 1_000_000_000L);
        assertThat(values.of("container_fs_limit_bytes")).isGreaterThan(values.of("container_fs_usage_bytes"));
        assertThat(values.of("container_fs_inodes_free")).isLessThanOrEqualTo(values.of("container_fs_inodes_total"));
    }

    private static void checkMemory(Values values, ContainerCgroup group) {
        Offset<Long> slack = Offset.offset(4L << 20);
        assertThat(values.of("container_memory_usage_bytes"))
                .isCloseTo(Long.parseLong(group.read("memory/memory.usage_in_bytes", "memory.current")), slack);
        assertThat(values.of("container_memory_max_usage_bytes")).isBetween(70L << 20, 81L << 20);
        assertThat(values.of("container_memory_rss"))
                .isCloseTo(figure(group.read("memory/memory.stat", "memory.stat"), "total_rss", "anon"), slack);
        assertThat(values.of("container_memory_working_set_bytes"))
                .isBetween(values.of("container_memory_rss"), values.of("container_memory_usage_bytes"));
        assertThat(values.of("container_memory_cache"))
                .isCloseTo(figure(group.read("memory/memory.stat", "memory.stat"), "total_cache", "file"), slack);
        assertThat(values.of("container_spec_memory_limit_bytes")).isEqualTo(80L << 20);
        assertThat(values.of("container_oom_events_total")).isEqualTo(1);
        // Version 1 counts at the limit of memory and swap where swap has no room of its own, as here; late kernels
        // count neither.
        assertThat(values.of("container_memory_failcnt"))
                .isEqualTo(
                        group.isV2()
                                ? figure(group.read("", "memory.events"), "", "max")
                                : Long.parseLong(group.read("memory/memory.failcnt", ""))
                                        + Long.parseLong(group.read("memory/memory.memsw.failcnt", "")));
        assertThat(values.of("container_memory_numa_pages", "type", "anon") << 12)
                .isCloseTo(values.of("container_memory_rss"), Offset.offset(32L << 20));
        assertThat(values.of("container_memory_failures_total", "failure_type", "pgfault"))
                .isBetween(1L, figure(group.read("memory/memory.stat", "memory.stat"), "pgfault", "pgfault"));
    }

    private static long figure(String stat, String v1, String v2) {
        return stat.lines()
                .filter(line -> line.startsWith(v1 + " ") || line.startsWith(v2 + " "))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyNameIsDescribedWithItsLabels(Rig rig) {
        Map<String, MetricDescriptor> descriptors = descriptors(rig);
        assertThat(descriptors).hasSizeGreaterThan(70);
        RunningPod pod = rig.run(Pods.named("names"));
        RunningContainer container = worker(rig, pod);
        PodSandboxMetrics metrics = metrics(rig, pod);
        Values values = new Values(descriptors, metrics.getContainerMetrics(0).getMetricsList());
        List<Metric> all = Stream.concat(
                        metrics.getMetricsList().stream(), metrics.getContainerMetrics(0).getMetricsList().stream())
                .toList();
        assertThat(all).hasSizeGreaterThan(80).allSatisfy(metric -> {
            assertThat(descriptors).containsKey(metric.getName());
            assertThat(metric.getLabelValuesCount())
                    .as(metric.getName())
                    .isEqualTo(values.keys(metric).size());
        });
        assertThat(values.labels("container_memory_rss"))
                .containsEntry("container", "main")
                .containsEntry("name", container.id())
                .containsEntry("pod", "names")
                .containsEntry("namespace", pod.config().getMetadata().getNamespace())
                .containsEntry("id", pod.config().getLinux().getCgroupParent() + "/" + container.id());
        assertThat(values.labels("container_memory_rss").get("image")).contains("busybox");
    }

    @Test
    @Tag("vm")
    void trafficIsThePods(Rig rig) {
        RunningPod pod = rig.run(Pods.named("traffic"));
        RunningContainer container = pod.start(rig.idle());
        container.exec("/t/get", "10.88.0.1", "1", "/");
        Values values = new Values(descriptors(rig), metrics(rig, pod).getMetricsList());
        assertThat(values.labels("container_network_receive_bytes_total"))
                .containsEntry("interface", "eth0")
                .containsEntry("pod", "traffic");
        assertThat(values.of("container_network_transmit_packets_total")).isPositive();
        assertThat(values.of("container_network_advance_tcp_stats_total", "tcp_state", "activeopens"))
                .isEqualTo(1);
        assertThat(values.of("container_network_receive_bytes_total"))
                .isBetween(
                        1L,
                        Long.parseLong(container
                                .output("cat", "/sys/class/net/eth0/statistics/rx_bytes")
                                .strip()));
    }

    @Test
    void theStreamHoldsTheSamePods(Rig rig) {
        RunningPod pod = rig.run(Pods.named("streamed").hostNetwork());
        pod.start(rig.idle());
        List<PodSandboxMetrics> streamed = new ArrayList<>();
        rig.client()
                .runtime()
                .streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance())
                .forEachRemaining(piece -> streamed.addAll(piece.getPodSandboxMetricsList()));
        assertThat(streamed).singleElement().satisfies(metrics -> {
            assertThat(metrics.getPodSandboxId()).isEqualTo(pod.id());
            assertThat(metrics.getContainerMetricsCount()).isEqualTo(1);
            assertThat(metrics.getMetricsList())
                    .noneMatch(metric -> metric.getName().startsWith("container_network_"));
        });
        pod.stop();
        assertThat(rig.client()
                        .runtime()
                        .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                        .getPodMetricsList())
                .isEmpty();
    }

    private static Values values(Rig rig, RunningPod pod) {
        ContainerMetrics container = metrics(rig, pod).getContainerMetrics(0);
        return new Values(descriptors(rig), container.getMetricsList());
    }

    private static Map<String, MetricDescriptor> descriptors(Rig rig) {
        return rig
                .client()
                .runtime()
                .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
                .getDescriptorsList()
                .stream()
                .collect(Collectors.toMap(MetricDescriptor::getName, Function.identity()));
    }

    private static PodSandboxMetrics metrics(Rig rig, RunningPod pod) {
        return rig
                .client()
                .runtime()
                .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                .getPodMetricsList()
                .stream()
                .filter(metrics -> metrics.getPodSandboxId().equals(pod.id()))
                .findFirst()
                .orElseThrow();
    }

    /** Metrics by name and label. */
    private record Values(Map<String, MetricDescriptor> descriptors, List<Metric> metrics) {
        /** The first of that name; -1 where there is none yet. */
        long of(String name) {
            return named(name)
                    .findFirst()
                    .map(metric -> metric.getValue().getValue())
                    .orElse(-1L);
        }

        long of(String name, String key, String value) {
            return named(name)
                    .filter(metric -> value.equals(labels(metric).get(key)))
                    .findFirst()
                    .orElseThrow()
                    .getValue()
                    .getValue();
        }

        Map<String, String> labels(String name) {
            return labels(named(name).findFirst().orElseThrow());
        }

        List<String> keys(Metric metric) {
            return Objects.requireNonNull(descriptors.get(metric.getName())).getLabelKeysList();
        }

        private Stream<Metric> named(String name) {
            return metrics.stream().filter(metric -> metric.getName().equals(name));
        }

        private Map<String, String> labels(Metric metric) {
            List<String> keys = keys(metric);
            return Stream.iterate(0, i -> i < keys.size(), i -> i + 1)
                    .collect(Collectors.toMap(keys::get, metric::getLabelValues));
        }
    }
}
