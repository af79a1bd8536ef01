package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.CriOut;
import dev.coracle.cri.VerboseOut;
import dev.coracle.pod.PodSnapshot;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.PodSandboxStatusRequest;
import dev.coracle.proto.v1.PodSandboxStatusResponse;
import dev.coracle.state.PodRecord;
import java.time.Instant;

/** One pod, and at the same instant its containers. Reads memory only. */
public final class PodSandboxStatus {
    private final Pods pods;

    public PodSandboxStatus(Pods pods) {
        this.pods = pods;
    }

    public PodSandboxStatusResponse handle(PodSandboxStatusRequest request) {
        Instant now = Instant.now();
        PodSnapshot snapshot = pods.snapshot(CriIn.podId(request.getPodSandboxId()));
        PodRecord pod = snapshot.pod();
        PodSandboxStatusResponse.Builder response = PodSandboxStatusResponse.newBuilder()
                .setStatus(CriOut.status(pod))
                .setTimestamp(CriOut.nanos(now));
        response.addAllContainersStatuses(CriOut.statuses(snapshot));
        if (request.getVerbose()) {
            response.putAllInfo(VerboseOut.pod(pod, pods.whereabouts(pod.id().value())));
        }
        return response.build();
    }
}
