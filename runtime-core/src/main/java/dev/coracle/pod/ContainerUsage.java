package dev.coracle.pod;

import dev.coracle.state.ContainerRecord;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.GroupUsage;
import org.jspecify.annotations.Nullable;

/**
 * What a running container uses.
 *
 * @param writable null until its layer has been counted for the first time
 */
public record ContainerUsage(
        ContainerRecord container,
        GroupUsage group,
        @Nullable DiskUsage writable) {}
