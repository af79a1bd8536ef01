package dev.coracle.cri;

import dev.coracle.pod.PodUsage;
import dev.coracle.proto.v1.IoUsage;
import dev.coracle.proto.v1.LinuxPodSandboxStats;
import dev.coracle.proto.v1.NetworkInterfaceUsage;
import dev.coracle.proto.v1.NetworkUsage;
import dev.coracle.proto.v1.PodSandboxAttributes;
import dev.coracle.proto.v1.PodSandboxStats;
import dev.coracle.proto.v1.ProcessUsage;
import dev.coracle.state.Attachment;
import dev.coracle.state.PodRecord;
import dev.coracle.stats.InterfaceUsage;

/** Writes what pods use. What was not measured is absent, never 0. */
final class PodStatsOut {
    private PodStatsOut() {}

    static PodSandboxStats pod(PodUsage usage) {
        return PodSandboxStats.newBuilder()
                .setAttributes(attributes(usage.pod()))
                .setLinux(linux(usage))
                .build();
    }

    private static PodSandboxAttributes attributes(PodRecord pod) {
        return PodSandboxAttributes.newBuilder()
                .setId(pod.id().value())
                .setMetadata(SandboxOut.metadata(pod.spec().metadata()))
                .putAllLabels(pod.spec().labels())
                .putAllAnnotations(pod.spec().annotations())
                .build();
    }

    private static LinuxPodSandboxStats linux(PodUsage usage) {
        long timestamp = usage.group().cpu().timestamp();
        LinuxPodSandboxStats.Builder stats = LinuxPodSandboxStats.newBuilder()
                .setCpu(StatsOut.cpu(usage.group().cpu()))
                .setMemory(StatsOut.memory(usage.group().memory()))
                .setProcess(ProcessUsage.newBuilder()
                        .setTimestamp(timestamp)
                        .setProcessCount(StatsOut.number(usage.processes())));
        if (!usage.network().isEmpty()) {
            stats.setNetwork(network(usage, timestamp));
        }
        if (usage.group().io() != null) {
            stats.setIo(IoUsage.newBuilder()
                    .setTimestamp(timestamp)
                    .setPsi(StatsOut.psi(usage.group().io())));
        }
        usage.containers().forEach(container -> stats.addContainers(StatsOut.container(container)));
        return stats.build();
    }

    private static NetworkUsage network(PodUsage usage, long timestamp) {
        NetworkUsage.Builder network = NetworkUsage.newBuilder().setTimestamp(timestamp);
        String primary = primary(usage);
        for (InterfaceUsage each : usage.network()) {
            if (each.name().equals(primary)) {
                network.setDefaultInterface(write(each));
            } else {
                network.addInterfaces(write(each));
            }
        }
        return network.build();
    }

    /** The one with the pod's primary address, as its network says; else the first there is. */
    private static String primary(PodUsage usage) {
        Attachment attachment = usage.pod().attachment();
        return attachment == null || attachment.interfaces().isEmpty()
                ? usage.network().getFirst().name()
                : attachment.interfaces().getFirst();
    }

    private static NetworkInterfaceUsage write(InterfaceUsage usage) {
        return NetworkInterfaceUsage.newBuilder()
                .setName(usage.name())
                .setRxBytes(StatsOut.number(usage.received().bytes()))
                .setRxErrors(StatsOut.number(usage.received().errors()))
                .setTxBytes(StatsOut.number(usage.sent().bytes()))
                .setTxErrors(StatsOut.number(usage.sent().errors()))
                .build();
    }
}
