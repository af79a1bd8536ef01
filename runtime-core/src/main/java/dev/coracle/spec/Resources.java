package dev.coracle.spec;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a container may use (CRI {@code LinuxContainerResources}). A zero or an empty value is not a limit of nothing: it
 * was not asked for.
 *
 * @param cpuPeriod µs, 1,000 to 1,000,000
 * @param cpuQuota µs of cpu time per period; -1 for no limit
 * @param cpuShares cgroup v1 units, 2 to 262,144
 * @param memoryLimit bytes; -1 for no limit
 * @param memorySwapLimit bytes of memory and swap together; 0 means no swap beyond {@code memoryLimit}, -1 no limit
 * @param oomScoreAdj -1000 to 1000, applied to the first process
 * @param cpusetCpus list of ranges such as {@code 0-3,7}
 * @param cpusetMems the same for memory nodes
 * @param pidsLimit processes and threads; -1 for no limit. Not a field of CRI: from configuration
 * @param unified cgroup v2 file names to what is written there, after everything else
 */
public record Resources(
        long cpuPeriod,
        long cpuQuota,
        long cpuShares,
        long memoryLimit,
        long memorySwapLimit,
        long oomScoreAdj,
        String cpusetCpus,
        String cpusetMems,
        long pidsLimit,
        List<HugepageLimit> hugepageLimits,
        Map<String, String> unified) {
    /** Nothing asked for. */
    public static final Resources NONE = new Resources(0, 0, 0, 0, 0, 0, "", "", 0, List.of(), Map.of());

    public Resources {
        hugepageLimits = List.copyOf(hugepageLimits);
        unified = Map.copyOf(unified);
    }

    /** The same with another limit of processes. */
    public Resources withPidsLimit(long limit) {
        return new Resources(
                cpuPeriod,
                cpuQuota,
                cpuShares,
                memoryLimit,
                memorySwapLimit,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                limit,
                hugepageLimits,
                unified);
    }

    /** The same with another oom score adjustment. */
    public Resources withOomScoreAdj(long adjustment) {
        return new Resources(
                cpuPeriod,
                cpuQuota,
                cpuShares,
                memoryLimit,
                memorySwapLimit,
                adjustment,
                cpusetCpus,
                cpusetMems,
                pidsLimit,
                hugepageLimits,
                unified);
    }

    /** These, with what {@code update} asks for in place of what they had; oom score adjustments are for starts only. */
    public Resources updatedBy(Resources update) {
        Map<String, HugepageLimit> hugepages = new TreeMap<>();
        hugepageLimits.forEach(limit -> hugepages.put(limit.pageSize(), limit));
        update.hugepageLimits.forEach(limit -> hugepages.put(limit.pageSize(), limit));
        Map<String, String> files = new TreeMap<>(unified);
        files.putAll(update.unified);
        return new Resources(
                either(update.cpuPeriod, cpuPeriod),
                either(update.cpuQuota, cpuQuota),
                either(update.cpuShares, cpuShares),
                either(update.memoryLimit, memoryLimit),
                either(update.memorySwapLimit, swapBeside(update.memoryLimit)),
                oomScoreAdj,
                update.cpusetCpus.isEmpty() ? cpusetCpus : update.cpusetCpus,
                update.cpusetMems.isEmpty() ? cpusetMems : update.cpusetMems,
                either(update.pidsLimit, pidsLimit),
                List.copyOf(hugepages.values()),
                files);
    }

    /** A limit that allowed no swap goes on allowing none. */
    private long swapBeside(long newMemoryLimit) {
        boolean none = memorySwapLimit > 0 && memorySwapLimit == memoryLimit;
        return none && newMemoryLimit != 0 ? newMemoryLimit : memorySwapLimit;
    }

    /**
     * What of these {@code change} is about, and nothing else: all that one file of the kernel, or a pair that it holds against each other,
     * is made of.
     */
    public Resources partsOf(Resources change) {
        boolean time = change.cpuPeriod != 0 || change.cpuQuota != 0;
        boolean memory = change.memoryLimit != 0 || change.memorySwapLimit != 0;
        return new Resources(
                time ? cpuPeriod : 0,
                time ? cpuQuota : 0,
                change.cpuShares,
                memory ? memoryLimit : 0,
                memory ? memorySwapLimit : 0,
                0,
                change.cpusetCpus,
                change.cpusetMems,
                change.pidsLimit,
                change.hugepageLimits,
                change.unified);
    }

    private static long either(long update, long old) {
        return update != 0 ? update : old;
    }
}
