package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * Swap of a group, in bytes.
 *
 * @param timestamp ns since the epoch
 * @param available limit less usage; null without a limit
 */
public record SwapUsage(long timestamp, @Nullable Long available, long usage) {}
