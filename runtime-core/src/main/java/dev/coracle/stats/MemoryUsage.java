package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * Memory of a group, in bytes.
 *
 * @param timestamp ns since the epoch
 * @param workingSet usage less the file pages that nothing has touched for a while
 * @param available limit less working set; null without a limit
 * @param usage everything charged to the group
 * @param rss anonymous pages
 * @param pageFaults since the group was made
 * @param majorPageFaults those of them that had to read from a disk
 * @param psi null where the kernel does not count it
 */
public record MemoryUsage(
        long timestamp,
        long workingSet,
        @Nullable Long available,
        long usage,
        long rss,
        long pageFaults,
        long majorPageFaults,
        @Nullable Psi psi) {}
