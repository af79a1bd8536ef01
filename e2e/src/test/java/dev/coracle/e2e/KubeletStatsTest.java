package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What a kubelet says pods use, where it reads that itself and where it asks the runtime for all of it. */
@KubeletDriven
@CoracleOnly
final class KubeletStatsTest {
    private static final List<String> OF_CONTAINERS = List.of(
            "container_memory_working_set_bytes",
            "container_memory_usage_bytes",
            "container_memory_rss",
            "container_spec_cpu_shares",
            "container_spec_cpu_quota",
            "container_fs_usage_bytes",
            "container_processes",
            "container_last_seen",
            "container_start_time_seconds");

    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    /** The kubelet reads the pod's cgroup itself and asks for the containers: the network of the pod it does not see. */
    @Test
    void summaryOfWhatTheKubeletReadsItself(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("busy");
        pod.awaitReady();
        JsonNode seen = await(
                kubelet,
                pod,
                p -> p.at("/cpu/usageCoreNanoSeconds").asLong() > 0
                        && container(p, "main").at("/rootfs/usedBytes").asLong() >= 1_000_000);
        requireContainers(seen);
        assertThat(seen.at("/memory/workingSetBytes").asLong()).isPositive();
        String metrics = kubelet.kubelet().client().get("/metrics/resource");
        assertThat(values(metrics, "container_cpu_usage_seconds_total", pod)).hasSize(1);
        assertThat(values(metrics, "container_memory_working_set_bytes", pod)).hasSize(1);
    }

    @Test
    void everythingFromTheRuntime(KubeletRig kubelet) {
        kubelet.kubelet().stop();
        kubelet.kubelet().start(Map.of("PodAndContainerStatsFromCRI", true));
        StaticPod pod = kubelet.apply("busy");
        pod.awaitReady();
        JsonNode seen = await(
                kubelet,
                pod,
                p -> p.at("/network/rxBytes").asLong() > 0
                        && p.at("/cpu/usageNanoCores").asLong() > 0
                        && container(p, "main").at("/rootfs/usedBytes").asLong() >= 1_000_000);
        requireContainers(seen);
        assertThat(seen.at("/network/name").asText()).isEqualTo("eth0");
        assertThat(seen.at("/network/txBytes").asLong()).isPositive();
        assertThat(seen.at("/memory/workingSetBytes").asLong()).isPositive();
        assertThat(seen.at("/process_stats/process_count").asLong()).isGreaterThanOrEqualTo(2);
        requireMetrics(kubelet, pod);
    }

    /** The contract has whole seconds: the first takes its time. */
    private static void requireMetrics(KubeletRig kubelet, StaticPod pod) {
        String metrics = Waiting.until(
                "metrics of " + pod.fullName(),
                StaticPod.LIMIT,
                () -> kubelet.kubelet()
                        .client()
                        .answer("/metrics/cadvisor")
                        .filter(text -> !values(text, "container_cpu_usage_seconds_total", pod)
                                .isEmpty()));
        for (String name : OF_CONTAINERS) {
            assertThat(values(metrics, name, pod)).as(name).isNotEmpty();
        }
        assertThat(values(metrics, "container_spec_memory_limit_bytes", pod)).containsExactly((double) (64 << 20));
        assertThat(metrics.lines()
                        .filter(line -> line.startsWith("container_network_receive_bytes_total{"))
                        .filter(line -> line.contains("pod=\"" + pod.fullName() + "\""))
                        .filter(line -> line.contains("interface=\"eth0\"")))
                .hasSize(1);
    }

    /** The values of a metric for the pod's main container. */
    private static List<Double> values(String metrics, String name, StaticPod pod) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> line.contains("container=\"main\"") && line.contains("pod=\"" + pod.fullName() + "\""))
                .map(line -> line.substring(line.indexOf("} ") + 2).split(" ", -1)[0])
                .map(Double::valueOf)
                .toList();
    }

    private static void requireContainers(JsonNode pod) {
        JsonNode main = container(pod, "main");
        assertThat(main.at("/cpu/usageCoreNanoSeconds").asLong()).isPositive();
        assertThat(main.at("/memory/workingSetBytes").asLong()).isBetween(1L, 64L << 20);
        assertThat(main.at("/logs/usedBytes").asLong()).isPositive();
        assertThat(main.at("/rootfs/capacityBytes").asLong()).isPositive();
        assertThat(container(pod, "server").at("/memory/workingSetBytes").asLong())
                .isPositive();
    }

    /** Waits until the summary's entry for the pod is such. */
    private static JsonNode await(KubeletRig kubelet, StaticPod pod, Predicate<JsonNode> such) {
        return Waiting.until(
                "usage of " + pod.fullName(),
                StaticPod.LIMIT,
                () -> summary(kubelet, pod).filter(such));
    }

    private static Optional<JsonNode> summary(KubeletRig kubelet, StaticPod pod) {
        return kubelet.kubelet().client().answer("/stats/summary").stream()
                .flatMap(json -> elements(JSON.unmarshal(json, JsonNode.class).path("pods")))
                .filter(p -> p.at("/podRef/name").asText().equals(pod.fullName()))
                .findFirst();
    }

    private static JsonNode container(JsonNode pod, String name) {
        return elements(pod.path("containers"))
                .filter(c -> c.path("name").asText().equals(name))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
