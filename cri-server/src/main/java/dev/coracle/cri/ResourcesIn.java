package dev.coracle.cri;

import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads {@code LinuxContainerResources}. */
final class ResourcesIn {
    private static final int OOM_SCORE_ADJ_MAX = 1000;
    private static final long CPU_PERIOD_MIN = 1_000;
    private static final long CPU_PERIOD_MAX = 1_000_000;
    private static final Pattern PAGE_SIZE = Pattern.compile("[1-9][0-9]*[KMG]B");
    private static final Pattern CPU_LIST = Pattern.compile("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*");
    private static final Pattern UNIFIED_KEY = Pattern.compile("[a-z0-9_]+(\\.[A-Za-z0-9_]+)+");

    private ResourcesIn() {}

    static Resources read(LinuxContainerResources resources, FieldPath at) {
        if (resources.equals(LinuxContainerResources.getDefaultInstance())) {
            return Resources.NONE;
        }
        return new Resources(
                cpuPeriod(resources.getCpuPeriod(), at.dot("cpu_period")),
                at.dot("cpu_quota").between(resources.getCpuQuota(), -1, Long.MAX_VALUE),
                at.dot("cpu_shares").between(resources.getCpuShares(), 0, Long.MAX_VALUE),
                at.dot("memory_limit_in_bytes").between(resources.getMemoryLimitInBytes(), -1, Long.MAX_VALUE),
                swap(resources, at.dot("memory_swap_limit_in_bytes")),
                at.dot("oom_score_adj").between(resources.getOomScoreAdj(), -OOM_SCORE_ADJ_MAX, OOM_SCORE_ADJ_MAX),
                cpuList(resources.getCpusetCpus(), at.dot("cpuset_cpus")),
                cpuList(resources.getCpusetMems(), at.dot("cpuset_mems")),
                0,
                hugepages(resources.getHugepageLimitsList(), at.dot("hugepage_limits")),
                unified(resources.getUnifiedMap(), at.dot("unified")));
    }

    private static long cpuPeriod(long period, FieldPath at) {
        return period == 0 ? 0 : at.between(period, CPU_PERIOD_MIN, CPU_PERIOD_MAX);
    }

    /** Memory and swap together: less than the memory alone makes no sense to the kernel. */
    private static long swap(LinuxContainerResources resources, FieldPath at) {
        long swap = at.between(resources.getMemorySwapLimitInBytes(), -1, Long.MAX_VALUE);
        long memory = resources.getMemoryLimitInBytes();
        if (swap > 0 && memory > swap) {
            throw at.invalid(swap + " is less than memory_limit_in_bytes, " + memory);
        }
        return swap;
    }

    private static String cpuList(String list, FieldPath at) {
        if (!list.isEmpty() && !CPU_LIST.matcher(list).matches()) {
            throw at.invalid("not a list such as 0-3,7: " + at.text(list));
        }
        return list;
    }

    private static List<HugepageLimit> hugepages(List<dev.coracle.proto.v1.HugepageLimit> limits, FieldPath at) {
        List<HugepageLimit> read = new ArrayList<>(limits.size());
        for (int i = 0; i < limits.size(); i++) {
            String size = limits.get(i).getPageSize();
            if (!PAGE_SIZE.matcher(size).matches()) {
                throw at.at(i).dot("page_size").invalid("not a size such as 2MB or 1GB: " + at.text(size));
            }
            // Unsigned on the wire: what does not fit is no limit to any machine.
            long limit = limits.get(i).getLimit();
            read.add(new HugepageLimit(size, limit < 0 ? Long.MAX_VALUE : limit));
        }
        return read;
    }

    private static Map<String, String> unified(Map<String, String> files, FieldPath at) {
        files.forEach((file, value) -> {
            if (!UNIFIED_KEY.matcher(file).matches()) {
                throw at.at(file).invalid("not the name of a cgroup file");
            }
            at.at(file).text(value);
        });
        return files;
    }
}
