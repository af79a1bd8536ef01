package dev.coracle.pod;

import dev.coracle.state.ContainerRecord;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.FileSystemUsage;
import dev.coracle.stats.GroupFigures;
import dev.coracle.stats.ProcessUsage;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is counted of a running container.
 *
 * @param startedAt ns since the epoch
 * @param cgroup its path below the root of a hierarchy
 * @param writable null until its layer has been counted for the first time
 * @param layers what that lies on
 */
public record ContainerFigures(
        ContainerRecord container,
        long startedAt,
        String cgroup,
        GroupFigures group,
        ProcessUsage processes,
        @Nullable DiskUsage writable,
        FileSystemUsage layers) {}
