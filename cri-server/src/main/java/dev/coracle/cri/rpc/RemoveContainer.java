package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.RemoveContainerRequest;
import dev.coracle.proto.v1.RemoveContainerResponse;

/** Kills a container where necessary, and forgets it; its log file stays. Idempotent; an unknown container is a success. */
public final class RemoveContainer {
    private final Pods pods;

    public RemoveContainer(Pods pods) {
        this.pods = pods;
    }

    public RemoveContainerResponse handle(RemoveContainerRequest request, Cancellation cancellation) {
        pods.removeContainer(CriIn.containerId(request.getContainerId()), cancellation);
        return RemoveContainerResponse.getDefaultInstance();
    }
}
