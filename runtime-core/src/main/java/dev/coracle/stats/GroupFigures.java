package dev.coracle.stats;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is counted of a group.
 *
 * @param figures those that this kernel counts; the others are absent
 * @param cpuPressure null where the kernel does not count it, as the next two
 */
public record GroupFigures(
        Map<Figure, Long> figures,
        List<DeviceTraffic> devices,
        List<HugepageUsage> hugepages,
        List<NumaPages> numa,
        @Nullable Psi cpuPressure,
        @Nullable Psi memoryPressure,
        @Nullable Psi ioPressure) {
    public GroupFigures {
        EnumMap<Figure, Long> copy = new EnumMap<>(Figure.class);
        copy.putAll(figures);
        figures = copy;
        devices = List.copyOf(devices);
        hugepages = List.copyOf(hugepages);
        numa = List.copyOf(numa);
    }

    /** One figure; empty where it is not counted, or is a limit that is not set. */
    public OptionalLong of(Figure figure) {
        Long value = figures.get(figure);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
