package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * Processor time of a group.
 *
 * @param timestamp ns since the epoch
 * @param coreNanoSeconds used since the group was made, over all cores
 * @param nanoCores used per second, from two samples; null while there is only one
 * @param psi null where the kernel does not count it
 */
public record CpuUsage(
        long timestamp,
        long coreNanoSeconds,
        @Nullable Long nanoCores,
        @Nullable Psi psi) {}
