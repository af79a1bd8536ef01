package dev.coracle.cri;

import dev.coracle.pod.ContainerUsage;
import dev.coracle.pod.ExecResult;
import dev.coracle.pod.Listed;
import dev.coracle.proto.v1.ContainerStats;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.PodSandboxStatus;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.List;
import java.util.function.Predicate;

/** From records to the contract's messages: pure functions. */
public final class CriOut {
    private CriOut() {}

    /** A {@code ListPodSandboxResponse} of those that {@code wanted} lets through. */
    public static EncodedAnswer sandboxes(List<Listed<PodRecord>> pods, Predicate<PodRecord> wanted) {
        return EncodedAnswer.ofElements(pods.stream()
                .filter(pod -> wanted.test(pod.record()))
                .map(pod -> pod.encoded(SandboxOut::element))
                .toList());
    }

    /** A {@code ListContainersResponse} of those that {@code wanted} lets through. */
    public static EncodedAnswer containers(
            List<Listed<ContainerRecord>> containers, Predicate<ContainerRecord> wanted) {
        return EncodedAnswer.ofElements(containers.stream()
                .filter(container -> wanted.test(container.record()))
                .map(container -> container.encoded(ContainerOut::element))
                .toList());
    }

    public static PodSandboxStatus status(PodRecord pod) {
        return SandboxOut.status(pod);
    }

    /** {@code logDirectory} is the pod's; empty for none. */
    public static ContainerStatus status(ContainerRecord container, String logDirectory) {
        return ContainerOut.status(container, logDirectory);
    }

    public static ContainerStats stats(ContainerUsage usage) {
        return StatsOut.container(usage);
    }

    /** An {@code ExecSyncResponse}, which holds on to the result until it is written. */
    public static EncodedAnswer executed(ExecResult result) {
        return ExecOut.response(result);
    }
}
