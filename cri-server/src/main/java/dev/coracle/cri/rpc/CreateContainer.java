package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.CreateContainerResponse;
import dev.coracle.spec.ContainerId;

/**
 * Makes a container and its root, without running anything. It runs to its end when the client goes away. The request's copy of
 * the pod's configuration is not read: the pod is what it was made as.
 */
public final class CreateContainer {
    private final Pods pods;

    public CreateContainer(Pods pods) {
        this.pods = pods;
    }

    public CreateContainerResponse handle(CreateContainerRequest request) {
        ContainerId id = pods.createContainer(CriIn.podId(request.getPodSandboxId()), CriIn.containerSpec(request));
        return CreateContainerResponse.newBuilder().setContainerId(id.value()).build();
    }
}
