package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.RemovePodSandboxRequest;
import dev.coracle.proto.v1.RemovePodSandboxResponse;

/** Stops a pod where necessary, and forgets it and its containers. Idempotent; an unknown pod is a success. */
public final class RemovePodSandbox {
    private final Pods pods;

    public RemovePodSandbox(Pods pods) {
        this.pods = pods;
    }

    public RemovePodSandboxResponse handle(RemovePodSandboxRequest request, Cancellation cancellation) {
        pods.removeSandbox(CriIn.podId(request.getPodSandboxId()), cancellation);
        return RemovePodSandboxResponse.getDefaultInstance();
    }
}
