package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.StreamUrls;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.AttachRequest;
import dev.coracle.proto.v1.AttachResponse;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.StreamSpec;

/** Gives an address at which a client has the streams of a container's main process. */
public final class Attach {
    private final Pods pods;
    private final StreamUrls urls;

    public Attach(Pods pods, StreamUrls urls) {
        this.pods = pods;
        this.urls = urls;
    }

    public AttachResponse handle(AttachRequest request) {
        StreamSpec.Streams streams = CriIn.streams(request);
        ContainerId id = pods.runningContainer(CriIn.containerId(request.getContainerId()));
        String url = urls.of(new StreamSpec.Attach(id, streams));
        return AttachResponse.newBuilder().setUrl(url).build();
    }
}
