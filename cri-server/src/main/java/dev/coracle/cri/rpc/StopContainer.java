package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.StopContainerRequest;
import dev.coracle.proto.v1.StopContainerResponse;

/**
 * Sends the stop signal, and SIGKILL when the grace period is over; answers when the container has exited. An unknown container,
 * or one that does not run, is a success. The waiting ends with the client, the stopping does not.
 */
public final class StopContainer {
    private final Pods pods;

    public StopContainer(Pods pods) {
        this.pods = pods;
    }

    public StopContainerResponse handle(StopContainerRequest request, Cancellation cancellation) {
        pods.stopContainer(
                CriIn.containerId(request.getContainerId()), CriIn.seconds(request.getTimeout()), cancellation);
        return StopContainerResponse.getDefaultInstance();
    }
}
