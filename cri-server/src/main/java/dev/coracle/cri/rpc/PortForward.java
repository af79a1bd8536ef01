package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.StreamUrls;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.PortForwardRequest;
import dev.coracle.proto.v1.PortForwardResponse;
import dev.coracle.spec.PodId;
import dev.coracle.spec.StreamSpec;
import java.util.List;

/** Gives an address at which a client connects to ports of a pod. */
public final class PortForward {
    private final Pods pods;
    private final StreamUrls urls;

    public PortForward(Pods pods, StreamUrls urls) {
        this.pods = pods;
        this.urls = urls;
    }

    public PortForwardResponse handle(PortForwardRequest request) {
        List<Integer> ports = CriIn.ports(request);
        PodId id = pods.readySandbox(CriIn.podId(request.getPodSandboxId()));
        String url = urls.of(new StreamSpec.PortForward(id, ports));
        return PortForwardResponse.newBuilder().setUrl(url).build();
    }
}
