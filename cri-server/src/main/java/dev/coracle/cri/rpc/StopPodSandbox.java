package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.StopPodSandboxRequest;
import dev.coracle.proto.v1.StopPodSandboxResponse;

/** Kills a pod's containers and gives back its network and namespaces. Idempotent; an unknown pod is a success. */
public final class StopPodSandbox {
    private final Pods pods;

    public StopPodSandbox(Pods pods) {
        this.pods = pods;
    }

    public StopPodSandboxResponse handle(StopPodSandboxRequest request, Cancellation cancellation) {
        pods.stopSandbox(CriIn.podId(request.getPodSandboxId()), cancellation);
        return StopPodSandboxResponse.getDefaultInstance();
    }
}
