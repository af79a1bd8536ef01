package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * What a cgroup uses.
 *
 * @param swap null where the kernel does not count it
 * @param io pressure only; null where the kernel does not count it
 */
public record GroupUsage(
        CpuUsage cpu,
        MemoryUsage memory,
        @Nullable SwapUsage swap,
        @Nullable Psi io) {}
