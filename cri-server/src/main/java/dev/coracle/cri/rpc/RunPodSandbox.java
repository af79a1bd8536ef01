package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.RunPodSandboxResponse;
import dev.coracle.spec.PodId;

/**
 * Makes a pod and waits until it is ready. It runs to its end when the client goes away: a kubelet repeats the call, and finds
 * the pod.
 */
public final class RunPodSandbox {
    private final Pods pods;

    public RunPodSandbox(Pods pods) {
        this.pods = pods;
    }

    public RunPodSandboxResponse handle(RunPodSandboxRequest request) {
        PodId id = pods.runSandbox(CriIn.sandboxSpec(request));
        return RunPodSandboxResponse.newBuilder().setPodSandboxId(id.value()).build();
    }
}
