package dev.coracle.cri;

import dev.coracle.proto.v1.ContainerResources;
import dev.coracle.proto.v1.HugepageLimit;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.spec.Resources;

/** Writes {@code LinuxContainerResources}. */
final class ResourcesOut {
    private ResourcesOut() {}

    static ContainerResources container(Resources resources) {
        return ContainerResources.newBuilder().setLinux(write(resources)).build();
    }

    static LinuxContainerResources write(Resources resources) {
        LinuxContainerResources.Builder written = LinuxContainerResources.newBuilder()
                .setCpuPeriod(resources.cpuPeriod())
                .setCpuQuota(resources.cpuQuota())
                .setCpuShares(resources.cpuShares())
                .setMemoryLimitInBytes(resources.memoryLimit())
                .setMemorySwapLimitInBytes(resources.memorySwapLimit())
                .setOomScoreAdj(resources.oomScoreAdj())
                .setCpusetCpus(resources.cpusetCpus())
                .setCpusetMems(resources.cpusetMems())
                .putAllUnified(resources.unified());
        resources
                .hugepageLimits()
                .forEach(limit -> written.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize(limit.pageSize()).setLimit(limit.limit())));
        return written.build();
    }
}
