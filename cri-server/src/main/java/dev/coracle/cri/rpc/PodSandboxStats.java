package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.pod.Usages;
import dev.coracle.proto.v1.PodSandboxStatsRequest;
import dev.coracle.proto.v1.PodSandboxStatsResponse;

/** What one ready pod uses, with its containers. */
public final class PodSandboxStats {
    private final Usages usages;

    public PodSandboxStats(Usages usages) {
        this.usages = usages;
    }

    public PodSandboxStatsResponse handle(PodSandboxStatsRequest request) {
        String id = request.getPodSandboxId();
        if (id.isEmpty()) {
            // So a kubelet asks, once, whether there is such a call.
            throw new NotFound("pod sandbox", "without an id");
        }
        return PodSandboxStatsResponse.newBuilder()
                .setStats(CriOut.stats(usages.pod(id)))
                .build();
    }
}
