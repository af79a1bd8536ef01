package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.CriOut;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ContainerStatsRequest;
import dev.coracle.proto.v1.ContainerStatsResponse;

/** What one running container uses. */
public final class ContainerStats {
    private final Pods pods;

    public ContainerStats(Pods pods) {
        this.pods = pods;
    }

    public ContainerStatsResponse handle(ContainerStatsRequest request) {
        return ContainerStatsResponse.newBuilder()
                .setStats(CriOut.stats(pods.usage(CriIn.containerId(request.getContainerId()))))
                .build();
    }
}
