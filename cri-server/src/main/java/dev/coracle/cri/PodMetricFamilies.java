package dev.coracle.cri;

import dev.coracle.cri.MetricFamily.Sample;
import dev.coracle.pod.PodFigures;
import dev.coracle.proto.v1.MetricType;
import dev.coracle.stats.InterfaceUsage;
import dev.coracle.stats.InterfaceUsage.Direction;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** The metrics of pods as a whole: their network, and those of their groups. */
final class PodMetricFamilies {
    static final List<MetricFamily<PodFigures>> ALL = Stream.concat(
                    GroupMetrics.ALL.stream().map(family -> family.of(PodFigures::group)),
                    Stream.of(
                                    ways("receive", "received", InterfaceUsage::received),
                                    ways("transmit", "sent", InterfaceUsage::sent),
                                    List.of(tcp()))
                            .flatMap(List::stream))
            .toList();

    private PodMetricFamilies() {}

    private interface Way {
        Direction of(InterfaceUsage usage);
    }

    private static List<MetricFamily<PodFigures>> ways(String name, String word, Way way) {
        String prefix = "container_network_" + name + "_";
        return List.of(
                perInterface(prefix + "bytes_total", "Bytes " + word + ".", way, Direction::bytes),
                perInterface(prefix + "packets_total", "Packets " + word + ".", way, Direction::packets),
                perInterface(prefix + "errors_total", "Packets not " + word + " for errors.", way, Direction::errors),
                perInterface(
                        prefix + "packets_dropped_total",
                        "Packets dropped, not " + word + ".",
                        way,
                        Direction::dropped));
    }

    private static MetricFamily<PodFigures> perInterface(
            String name, String help, Way way, ToLongFunction<Direction> value) {
        return new MetricFamily<>(
                name,
                help,
                MetricType.COUNTER,
                List.of("interface"),
                figures -> figures.network().interfaces().stream()
                        .map(usage -> new Sample(List.of(usage.name()), value.applyAsLong(way.of(usage))))
                        .toList());
    }

    /** By the name that cAdvisor has for it; what is counted are no states. */
    private static MetricFamily<PodFigures> tcp() {
        return new MetricFamily<>(
                "container_network_advance_tcp_stats_total",
                "What TCP has counted, by the kernel's name for it.",
                MetricType.GAUGE,
                List.of("tcp_state"),
                figures -> figures.network().tcp().entrySet().stream()
                        .map(counted -> new Sample(List.of(counted.getKey()), counted.getValue()))
                        .toList());
    }
}
