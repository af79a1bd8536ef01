package dev.coracle.stats;

import dev.coracle.failure.RuntimeFailure.NotFound;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a group uses. Holds nothing but the sampler, which has a lock of its own: any thread may ask. The kernel answers
 * these files from memory; asking never waits.
 */
public final class GroupReader {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MICRO = 1_000L;

    /** What version 1 shows where there is no limit: the largest number of whole pages. Anything near it is none either. */
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    private final Clock clock;
    private final CpuSampler sampler;

    public GroupReader(Clock clock) {
        this.clock = clock;
        this.sampler = new CpuSampler();
    }

    /**
     * What the group uses now.
     *
     * @param id of the container or pod, under which its samples are kept
     * @throws NotFound if the group is gone
     */
    public GroupUsage read(String id, GroupFiles files) {
        try {
            return switch (files) {
                case GroupFiles.V2 v2 -> version2(id, new FigureFile.In(v2.directory()));
                case GroupFiles.V1 v1 -> version1(id, v1);
            };
        } catch (IOException e) {
            throw new NotFound("cgroup of", id, String.valueOf(e.getMessage()));
        }
    }

    /** Forgets the samples of a container that is gone. */
    public void forget(String id) {
        sampler.forget(id);
    }

    private GroupUsage version2(String id, FigureFile.In group) throws IOException {
        long now = now();
        long cpu = group.require("cpu.stat").figure("usage_usec") * NANOS_PER_MICRO;
        FigureFile stat = group.optional("memory.stat");
        long usage = group.single("memory.current", 0);
        long working = workingSet(usage, stat.figure("inactive_file"));
        MemoryUsage memory = new MemoryUsage(
                now,
                working,
                below(group.single("memory.max", Long.MAX_VALUE), working),
                usage,
                stat.figure("anon"),
                stat.figure("pgfault"),
                stat.figure("pgmajfault"),
                group.pressure("memory.pressure"));
        return new GroupUsage(
                new CpuUsage(now, cpu, sampler.nanoCores(id, now, cpu), group.pressure("cpu.pressure")),
                memory,
                group.has("memory.swap.current")
                        ? new SwapUsage(
                                now,
                                below(
                                        group.single("memory.swap.max", Long.MAX_VALUE),
                                        group.single("memory.swap.current", 0)),
                                group.single("memory.swap.current", 0))
                        : null,
                group.pressure("io.pressure"),
                group.single("pids.current", 0));
    }

    private GroupUsage version1(String id, GroupFiles.V1 groups) throws IOException {
        long now = now();
        long cpu = in(groups, "cpuacct").require("cpuacct.usage").only();
        FigureFile.In group = in(groups, "memory");
        FigureFile stat = group.optional("memory.stat");
        long usage = group.single("memory.usage_in_bytes", 0);
        long working = workingSet(usage, stat.figure("total_inactive_file"));
        MemoryUsage memory = new MemoryUsage(
                now,
                working,
                below(group.single("memory.limit_in_bytes", Long.MAX_VALUE), working),
                usage,
                stat.figure("total_rss"),
                stat.figure("total_pgfault"),
                stat.figure("total_pgmajfault"),
                null);
        return new GroupUsage(
                new CpuUsage(now, cpu, sampler.nanoCores(id, now, cpu), null),
                memory,
                group.has("memory.memsw.usage_in_bytes") ? swap(group, now, usage) : null,
                null,
                in(groups, "pids").single("pids.current", 0));
    }

    /** Version 1 counts memory and swap together. */
    private static SwapUsage swap(FigureFile.In group, long now, long memoryUsage) throws IOException {
        long used = Math.max(0, group.single("memory.memsw.usage_in_bytes", 0) - memoryUsage);
        long both = group.single("memory.memsw.limit_in_bytes", Long.MAX_VALUE);
        long memory = group.single("memory.limit_in_bytes", Long.MAX_VALUE);
        long limit = both >= NO_LIMIT ? both : Math.max(0, both - memory);
        return new SwapUsage(now, below(limit, used), used);
    }

    private static FigureFile.In in(GroupFiles.V1 groups, String controller) {
        Path directory = groups.directories().get(controller);
        return new FigureFile.In(directory == null ? Path.of("/nonexistent") : directory);
    }

    private static long workingSet(long usage, long inactiveFile) {
        return Math.max(0, usage - inactiveFile);
    }

    private static @Nullable Long below(long limit, long used) {
        return limit >= NO_LIMIT ? null : Math.max(0, limit - used);
    }

    private long now() {
        Instant instant = clock.instant();
        return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
    }
}
