package dev.coracle.cri;

import dev.coracle.cri.MetricFamily.Sample;
import dev.coracle.pod.ContainerFigures;
import dev.coracle.pod.PodFigures;
import dev.coracle.proto.v1.ContainerMetrics;
import dev.coracle.proto.v1.Metric;
import dev.coracle.proto.v1.MetricDescriptor;
import dev.coracle.proto.v1.PodSandboxMetrics;
import dev.coracle.proto.v1.UInt64Value;
import dev.coracle.spec.PodMetadata;
import dev.coracle.state.PodRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes metrics and what describes them. */
final class MetricsOut {
    /** What cAdvisor's metrics have, in a kubelet: {@code id} is the cgroup's path, {@code name} the container's id. */
    static final List<String> BASE_KEYS = List.of("container", "id", "image", "name", "namespace", "pod");

    private MetricsOut() {}

    /** Every name once: pods and containers share most of theirs. */
    static List<MetricDescriptor> descriptors() {
        Map<String, MetricDescriptor> descriptors = new LinkedHashMap<>();
        Stream.concat(ContainerMetricFamilies.ALL.stream(), PodMetricFamilies.ALL.stream())
                .forEach(family -> descriptors.put(family.name(), descriptor(family)));
        return List.copyOf(descriptors.values());
    }

    private static MetricDescriptor descriptor(MetricFamily<?> family) {
        return MetricDescriptor.newBuilder()
                .setName(family.name())
                .setHelp(family.help())
                .addAllLabelKeys(BASE_KEYS)
                .addAllLabelKeys(family.keys())
                .build();
    }

    static PodSandboxMetrics pod(PodFigures figures) {
        PodRecord pod = figures.pod();
        PodSandboxMetrics.Builder metrics =
                PodSandboxMetrics.newBuilder().setPodSandboxId(pod.id().value());
        List<String> labels = labels(pod, "", figures.cgroup(), "", "");
        for (MetricFamily<PodFigures> family : PodMetricFamilies.ALL) {
            family.samples().apply(figures).forEach(sample -> metrics.addMetrics(metric(family, labels, sample)));
        }
        figures.containers().forEach(container -> metrics.addContainerMetrics(container(pod, container)));
        return metrics.build();
    }

    private static ContainerMetrics container(PodRecord pod, ContainerFigures figures) {
        String id = figures.container().id().value();
        ContainerMetrics.Builder metrics = ContainerMetrics.newBuilder().setContainerId(id);
        List<String> labels = labels(
                pod,
                figures.container().spec().metadata().name(),
                figures.cgroup(),
                ContainerOut.image(figures.container().spec().image()).getImage(),
                id);
        for (MetricFamily<ContainerFigures> family : ContainerMetricFamilies.ALL) {
            family.samples().apply(figures).forEach(sample -> metrics.addMetrics(metric(family, labels, sample)));
        }
        return metrics.build();
    }

    private static List<String> labels(PodRecord pod, String container, String cgroup, String image, String name) {
        PodMetadata names = pod.spec().metadata();
        return List.of(container, cgroup, image, name, names.namespace(), names.name());
    }

    /** Its time is that of the answer, which is what 0 means. */
    private static Metric metric(MetricFamily<?> family, List<String> labels, Sample sample) {
        return Metric.newBuilder()
                .setName(family.name())
                .setMetricType(family.type())
                .addAllLabelValues(labels)
                .addAllLabelValues(sample.labels())
                .setValue(UInt64Value.newBuilder().setValue(sample.value()))
                .build();
    }
}
