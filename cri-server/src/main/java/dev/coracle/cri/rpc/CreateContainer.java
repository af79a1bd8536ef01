package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.Node;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.CreateContainerResponse;
import dev.coracle.spec.ContainerId;

/**
 * Makes a container and its root, without running anything. It runs to its end when the client goes away. The request's copy of
 * the pod's configuration is not read: the pod is what it was made as.
 */
public final class CreateContainer {
    private final Node node;
    private final Pods pods;

    public CreateContainer(Node node, Pods pods) {
        this.node = node;
        this.pods = pods;
    }

    public CreateContainerResponse handle(CreateContainerRequest request) {
        requireHandlers(request.getConfig());
        ContainerId id = pods.createContainer(CriIn.podId(request.getPodSandboxId()), CriIn.containerSpec(request));
        return CreateContainerResponse.newBuilder().setContainerId(id.value()).build();
    }

    /** Images are the same for all handlers, but a name that means nothing is a mistake. */
    private void requireHandlers(ContainerConfig config) {
        node.requireHandler("config.image.runtime_handler", config.getImage().getRuntimeHandler());
        for (int i = 0; i < config.getMountsCount(); i++) {
            node.requireHandler(
                    "config.mounts[" + i + "].image.runtime_handler",
                    config.getMounts(i).getImage().getRuntimeHandler());
        }
    }
}
