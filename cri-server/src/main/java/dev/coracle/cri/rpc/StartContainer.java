package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.StartContainerRequest;
import dev.coracle.proto.v1.StartContainerResponse;

/** Runs a created container's process; answers when it has been executed. It runs to its end when the client goes away. */
public final class StartContainer {
    private final Pods pods;

    public StartContainer(Pods pods) {
        this.pods = pods;
    }

    public StartContainerResponse handle(StartContainerRequest request) {
        pods.startContainer(CriIn.containerId(request.getContainerId()));
        return StartContainerResponse.getDefaultInstance();
    }
}
