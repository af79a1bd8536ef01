package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import dev.coracle.proto.v1.UpdateContainerResourcesResponse;

/** Changes limits: all that are given, or none. What is 0 or empty in the request stays as it is. */
public final class UpdateContainerResources {
    private final Pods pods;

    public UpdateContainerResources(Pods pods) {
        this.pods = pods;
    }

    public UpdateContainerResourcesResponse handle(UpdateContainerResourcesRequest request) {
        pods.updateContainer(CriIn.containerId(request.getContainerId()), CriIn.resources(request));
        return UpdateContainerResourcesResponse.getDefaultInstance();
    }
}
