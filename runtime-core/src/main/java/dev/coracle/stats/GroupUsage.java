package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * What a cgroup uses.
 *
 * @param swap null where the kernel does not count it
 * @param io pressure only; null where the kernel does not count it
 * @param processes threads of all processes in the group and below
 */
public record GroupUsage(
        CpuUsage cpu,
        MemoryUsage memory,
        @Nullable SwapUsage swap,
        @Nullable Psi io,
        long processes) {}
