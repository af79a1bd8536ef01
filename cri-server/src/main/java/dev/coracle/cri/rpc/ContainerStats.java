package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.CriOut;
import dev.coracle.pod.Usages;
import dev.coracle.proto.v1.ContainerStatsRequest;
import dev.coracle.proto.v1.ContainerStatsResponse;

/** What one running container uses. */
public final class ContainerStats {
    private final Usages usages;

    public ContainerStats(Usages usages) {
        this.usages = usages;
    }

    public ContainerStatsResponse handle(ContainerStatsRequest request) {
        return ContainerStatsResponse.newBuilder()
                .setStats(CriOut.stats(usages.container(CriIn.containerId(request.getContainerId()))))
                .build();
    }
}
