package dev.coracle.stats;

import dev.coracle.failure.RuntimeFailure.NotFound;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
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
     * Whose group it is.
     *
     * @param id under which its samples are kept
     * @param born ns since the epoch: when its group was made, and had used nothing; 0 when that is not known
     */
    public record Subject(String id, long born) {}

    /**
     * What the group uses now.
     *
     * @throws NotFound if the group is gone
     */
    public GroupUsage read(Subject subject, GroupFiles files) {
        try {
            return switch (files) {
                case GroupFiles.V2 v2 -> version2(subject, new FigureFile.In(v2.directory()));
                case GroupFiles.V1 v1 -> version1(subject, v1);
            };
        } catch (IOException e) {
            throw gone(subject, e);
        }
    }

    /**
     * Everything that is counted of a group.
     *
     * @param pageSizes of huge pages: {@code 2MB}
     * @throws NotFound if the group is gone
     */
    public static GroupFigures figures(String id, GroupFiles files, Collection<String> pageSizes) {
        try {
            return switch (files) {
                case GroupFiles.V2(Path directory) -> new FiguresV2(new FigureFile.In(directory)).read(pageSizes);
                case GroupFiles.V1 v1 -> new FiguresV1(v1).read(pageSizes);
            };
        } catch (IOException e) {
            throw gone(new Subject(id, 0), e);
        }
    }

    /** What all processes in the group and below hold. */
    public static ProcessUsage processUsage(GroupFiles files) {
        return ProcessReader.of(processes(files));
    }

    /** The pids of all processes in the group and below. */
    public static List<Integer> processes(GroupFiles files) {
        return GroupProcesses.of(files.processes());
    }

    /**
     * Notes how much processor time a group has used, so that whoever asks next learns of a rate.
     *
     * @throws NotFound if the group is gone
     */
    public void sample(Subject subject, GroupFiles files) {
        try {
            sampler.nanoCores(subject, now(), processorTime(files));
        } catch (IOException e) {
            throw gone(subject, e);
        }
    }

    /** Forgets the samples of all groups but these. */
    public void keep(Set<String> ids) {
        sampler.keep(ids);
    }

    private static NotFound gone(Subject subject, IOException e) {
        return new NotFound("cgroup of", subject.id(), String.valueOf(e.getMessage()));
    }

    private static long processorTime(GroupFiles files) throws IOException {
        return switch (files) {
            case GroupFiles.V2(Path directory) -> processorTime(new FigureFile.In(directory));
            case GroupFiles.V1 v1 ->
                v1.in("cpuacct").require("cpuacct.usage").only().orElse(0);
        };
    }

    private static long processorTime(FigureFile.In group) throws IOException {
        return group.require("cpu.stat").figure("usage_usec") * NANOS_PER_MICRO;
    }

    private GroupUsage version2(Subject subject, FigureFile.In group) throws IOException {
        long now = now();
        long cpu = processorTime(group);
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
                new CpuUsage(now, cpu, sampler.nanoCores(subject, now, cpu), group.pressure("cpu.pressure")),
                memory,
                swap(group, now),
                group.pressure("io.pressure"));
    }

    private static @Nullable SwapUsage swap(FigureFile.In group, long now) throws IOException {
        OptionalLong used = group.optional("memory.swap.current").only();
        return used.isEmpty()
                ? null
                : new SwapUsage(
                        now,
                        below(group.single("memory.swap.max", Long.MAX_VALUE), used.getAsLong()),
                        used.getAsLong());
    }

    private GroupUsage version1(Subject subject, GroupFiles.V1 groups) throws IOException {
        long now = now();
        long cpu = processorTime(groups);
        FigureFile.In group = groups.in("memory");
        FigureFile.In pressure = groups.inUnified();
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
                pressure.pressure("memory.pressure"));
        return new GroupUsage(
                new CpuUsage(now, cpu, sampler.nanoCores(subject, now, cpu), pressure.pressure("cpu.pressure")),
                memory,
                swap(group, now, usage),
                pressure.pressure("io.pressure"));
    }

    /** Version 1 counts memory and swap together. */
    private static @Nullable SwapUsage swap(FigureFile.In group, long now, long memoryUsage) throws IOException {
        OptionalLong together = group.optional("memory.memsw.usage_in_bytes").only();
        if (together.isEmpty()) {
            return null;
        }
        long used = Math.max(0, together.getAsLong() - memoryUsage);
        long both = group.single("memory.memsw.limit_in_bytes", Long.MAX_VALUE);
        long memory = group.single("memory.limit_in_bytes", Long.MAX_VALUE);
        long limit = both >= NO_LIMIT ? both : Math.max(0, both - memory);
        return new SwapUsage(now, below(limit, used), used);
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
