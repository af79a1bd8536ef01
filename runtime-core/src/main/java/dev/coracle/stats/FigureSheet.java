package dev.coracle.stats;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Figures as they are found. Confined to one reading. */
final class FigureSheet {
    /** What version 1 shows where there is no limit: the largest number of whole pages. Anything near it is none either. */
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    private final Map<Figure, Long> figures = new EnumMap<>(Figure.class);
    private List<NumaPages> numa = List.of();

    void put(Figure figure, long value) {
        figures.put(figure, value);
    }

    void put(Figure figure, OptionalLong value) {
        put(figure, value, 1);
    }

    /** {@code unit}: what one of the kernel's is in ours. */
    void put(Figure figure, OptionalLong value, long unit) {
        value.ifPresent(found -> figures.put(figure, found * unit));
    }

    void put(List<NumaPages> pages) {
        numa = pages;
    }

    /** Neither "max" nor -1 is a limit. */
    void putLimit(Figure figure, OptionalLong value) {
        value.ifPresent(found -> {
            if (found >= 0 && found < NO_LIMIT) {
                figures.put(figure, found);
            }
        });
    }

    /** From what is used and what of that nothing has touched for a while. */
    void workingSet() {
        Long usage = figures.get(Figure.MEMORY_USAGE);
        if (usage != null) {
            long idle = figures.getOrDefault(Figure.MEMORY_INACTIVE_FILE, 0L);
            figures.put(Figure.MEMORY_WORKING_SET, Math.max(0, usage - idle));
        }
    }

    GroupFigures figures(
            List<DeviceTraffic> devices,
            List<HugepageUsage> hugepages,
            @Nullable Psi cpu,
            @Nullable Psi memory,
            @Nullable Psi io) {
        return new GroupFigures(figures, devices, hugepages, numa, cpu, memory, io);
    }
}
