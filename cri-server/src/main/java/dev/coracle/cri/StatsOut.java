package dev.coracle.cri;

import dev.coracle.pod.ContainerUsage;
import dev.coracle.proto.v1.ContainerAttributes;
import dev.coracle.proto.v1.ContainerStats;
import dev.coracle.proto.v1.FilesystemIdentifier;
import dev.coracle.proto.v1.FilesystemUsage;
import dev.coracle.proto.v1.IoUsage;
import dev.coracle.proto.v1.PsiData;
import dev.coracle.proto.v1.PsiStats;
import dev.coracle.proto.v1.UInt64Value;
import dev.coracle.state.ContainerRecord;
import dev.coracle.stats.CpuUsage;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.MemoryUsage;
import dev.coracle.stats.Psi;
import dev.coracle.stats.SwapUsage;

/** Writes usage. What was not measured is absent, never 0. */
final class StatsOut {
    private StatsOut() {}

    static ContainerStats container(ContainerUsage usage) {
        ContainerStats.Builder stats = ContainerStats.newBuilder()
                .setAttributes(attributes(usage.container()))
                .setCpu(cpu(usage.group().cpu()))
                .setMemory(memory(usage.group().memory()));
        if (usage.writable() != null) {
            stats.setWritableLayer(disk(usage.writable()));
        }
        if (usage.group().swap() != null) {
            stats.setSwap(swap(usage.group().swap()));
        }
        if (usage.group().io() != null) {
            stats.setIo(IoUsage.newBuilder()
                    .setTimestamp(usage.group().cpu().timestamp())
                    .setPsi(psi(usage.group().io())));
        }
        return stats.build();
    }

    private static ContainerAttributes attributes(ContainerRecord container) {
        return ContainerAttributes.newBuilder()
                .setId(container.id().value())
                .setMetadata(ContainerOut.metadata(container))
                .putAllLabels(container.spec().labels())
                .putAllAnnotations(container.spec().annotations())
                .build();
    }

    static dev.coracle.proto.v1.CpuUsage cpu(CpuUsage usage) {
        dev.coracle.proto.v1.CpuUsage.Builder cpu = dev.coracle.proto.v1.CpuUsage.newBuilder()
                .setTimestamp(usage.timestamp())
                .setUsageCoreNanoSeconds(number(usage.coreNanoSeconds()));
        if (usage.nanoCores() != null) {
            cpu.setUsageNanoCores(number(usage.nanoCores()));
        }
        if (usage.psi() != null) {
            cpu.setPsi(psi(usage.psi()));
        }
        return cpu.build();
    }

    static dev.coracle.proto.v1.MemoryUsage memory(MemoryUsage usage) {
        dev.coracle.proto.v1.MemoryUsage.Builder memory = dev.coracle.proto.v1.MemoryUsage.newBuilder()
                .setTimestamp(usage.timestamp())
                .setWorkingSetBytes(number(usage.workingSet()))
                .setUsageBytes(number(usage.usage()))
                .setRssBytes(number(usage.rss()))
                .setPageFaults(number(usage.pageFaults()))
                .setMajorPageFaults(number(usage.majorPageFaults()));
        if (usage.available() != null) {
            memory.setAvailableBytes(number(usage.available()));
        }
        if (usage.psi() != null) {
            memory.setPsi(psi(usage.psi()));
        }
        return memory.build();
    }

    private static dev.coracle.proto.v1.SwapUsage swap(SwapUsage usage) {
        dev.coracle.proto.v1.SwapUsage.Builder swap = dev.coracle.proto.v1.SwapUsage.newBuilder()
                .setTimestamp(usage.timestamp())
                .setSwapUsageBytes(number(usage.usage()));
        if (usage.available() != null) {
            swap.setSwapAvailableBytes(number(usage.available()));
        }
        return swap.build();
    }

    static FilesystemUsage disk(DiskUsage usage) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(usage.timestamp())
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(usage.mountpoint()))
                .setUsedBytes(number(usage.bytes()))
                .setInodesUsed(number(usage.inodes()))
                .build();
    }

    static PsiStats psi(Psi psi) {
        return PsiStats.newBuilder()
                .setSome(psi(psi.some()))
                .setFull(psi(psi.full()))
                .build();
    }

    private static PsiData psi(Psi.Line line) {
        return PsiData.newBuilder()
                .setTotal(line.totalNanos())
                .setAvg10(line.avg10())
                .setAvg60(line.avg60())
                .setAvg300(line.avg300())
                .build();
    }

    static UInt64Value number(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }
}
