package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.CriOut;
import dev.coracle.cri.VerboseOut;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.ContainerStatusResponse;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;

/** One container. Reads memory only. */
public final class ContainerStatus {
    private final Pods pods;

    public ContainerStatus(Pods pods) {
        this.pods = pods;
    }

    public ContainerStatusResponse handle(ContainerStatusRequest request) {
        ContainerRecord container = pods.container(CriIn.containerId(request.getContainerId()));
        PodRecord pod = pods.sandbox(container.pod().value());
        ContainerStatusResponse.Builder response = ContainerStatusResponse.newBuilder()
                .setStatus(CriOut.status(container, pod.spec().logDirectory()));
        if (request.getVerbose()) {
            response.putAllInfo(VerboseOut.container(
                    container, pod, pods.whereabouts(container.id().value())));
        }
        return response.build();
    }
}
