package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * Huge pages of one size.
 *
 * @param pageSize {@code 2MB}
 * @param usage bytes
 * @param maxUsage bytes; null on version 2, which does not count it
 * @param limitHits how often there were no more
 */
public record HugepageUsage(
        String pageSize, long usage, @Nullable Long maxUsage, long limitHits) {}
