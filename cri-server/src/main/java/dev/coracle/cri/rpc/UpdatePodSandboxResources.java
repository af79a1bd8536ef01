package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.UpdatePodSandboxResourcesRequest;
import dev.coracle.proto.v1.UpdatePodSandboxResourcesResponse;

/** Notes what a kubelet says of a pod as a whole; the pod's cgroup is the kubelet's own, and changed by it already. */
public final class UpdatePodSandboxResources {
    private final Pods pods;

    public UpdatePodSandboxResources(Pods pods) {
        this.pods = pods;
    }

    public UpdatePodSandboxResourcesResponse handle(UpdatePodSandboxResourcesRequest request) {
        pods.updateSandbox(
                CriIn.podId(request.getPodSandboxId()), CriIn.overhead(request), CriIn.podResources(request));
        return UpdatePodSandboxResourcesResponse.getDefaultInstance();
    }
}
