package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ReopenContainerLogRequest;
import dev.coracle.proto.v1.ReopenContainerLogResponse;

/** A kubelet has renamed a container's log: it goes on in a new file. Refused for a container that does not run. */
public final class ReopenContainerLog {
    private final Pods pods;

    public ReopenContainerLog(Pods pods) {
        this.pods = pods;
    }

    public ReopenContainerLogResponse handle(ReopenContainerLogRequest request) {
        pods.reopenLog(CriIn.containerId(request.getContainerId()));
        return ReopenContainerLogResponse.getDefaultInstance();
    }
}
