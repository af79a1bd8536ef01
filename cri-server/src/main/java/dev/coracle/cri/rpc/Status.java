package dev.coracle.cri.rpc;

import dev.coracle.cri.Node;
import dev.coracle.proto.v1.RuntimeCondition;
import dev.coracle.proto.v1.RuntimeFeatures;
import dev.coracle.proto.v1.RuntimeHandler;
import dev.coracle.proto.v1.RuntimeHandlerFeatures;
import dev.coracle.proto.v1.RuntimeStatus;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.StatusResponse;

/** Whether pods can run here, and with what. A kubelet asks every five seconds, and after 30 without an answer calls it down. */
public final class Status {
    private final Node node;

    public Status(Node node) {
        this.node = node;
    }

    public StatusResponse handle(StatusRequest request) {
        Node.Network network = node.network().get();
        StatusResponse.Builder response = StatusResponse.newBuilder()
                .setStatus(RuntimeStatus.newBuilder()
                        // Whoever answers is ready: this daemon serves when it can run pods, not before.
                        .addConditions(RuntimeCondition.newBuilder()
                                .setType("RuntimeReady")
                                .setStatus(true))
                        .addConditions(RuntimeCondition.newBuilder()
                                .setType("NetworkReady")
                                .setStatus(network.ready())
                                .setReason(network.reason())
                                .setMessage(network.message())))
                .setFeatures(RuntimeFeatures.newBuilder()
                        .setSupplementalGroupsPolicy(node.supplementalGroupsPolicy())
                        .setUserNamespacesHostNetwork(node.userNamespacesHostNetwork())
                        .setMountOptions(node.mountOptions()));
        node.handlers().forEach(handler -> response.addRuntimeHandlers(handler(handler)));
        if (request.getVerbose()) {
            response.putAllInfo(node.details().get());
        }
        return response.build();
    }

    private static RuntimeHandler handler(Node.Handler handler) {
        return RuntimeHandler.newBuilder()
                .setName(handler.name())
                .setFeatures(RuntimeHandlerFeatures.newBuilder()
                        .setRecursiveReadOnlyMounts(handler.recursiveReadOnlyMounts())
                        .setUserNamespaces(handler.userNamespaces()))
                .build();
    }
}
