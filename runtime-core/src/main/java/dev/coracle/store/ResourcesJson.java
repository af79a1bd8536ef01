package dev.coracle.store;

import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.Resources;

/** Limits as JSON. Each pair of methods names every component of one record. */
final class ResourcesJson {
    private ResourcesJson() {}

    static void write(JsonSink out, Resources resources) {
        out.number("cpuPeriod", resources.cpuPeriod())
                .number("cpuQuota", resources.cpuQuota())
                .number("cpuShares", resources.cpuShares())
                .number("memoryLimit", resources.memoryLimit())
                .number("memorySwapLimit", resources.memorySwapLimit())
                .number("oomScoreAdj", resources.oomScoreAdj())
                .text("cpusetCpus", resources.cpusetCpus())
                .text("cpusetMems", resources.cpusetMems())
                .number("pidsLimit", resources.pidsLimit())
                .each("hugepageLimits", resources.hugepageLimits(), ResourcesJson::write)
                .table("unified", resources.unified());
    }

    static Resources read(JsonSource in) {
        return new Resources(
                in.number("cpuPeriod"),
                in.number("cpuQuota"),
                in.number("cpuShares"),
                in.number("memoryLimit"),
                in.number("memorySwapLimit"),
                in.number("oomScoreAdj"),
                in.text("cpusetCpus"),
                in.text("cpusetMems"),
                in.number("pidsLimit"),
                in.each("hugepageLimits", ResourcesJson::hugepageLimit),
                in.table("unified"));
    }

    private static void write(JsonSink out, HugepageLimit limit) {
        out.text("pageSize", limit.pageSize()).number("limit", limit.limit());
    }

    private static HugepageLimit hugepageLimit(JsonSource in) {
        return new HugepageLimit(in.text("pageSize"), in.number("limit"));
    }
}
