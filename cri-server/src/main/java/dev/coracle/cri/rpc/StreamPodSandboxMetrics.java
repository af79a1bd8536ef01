package dev.coracle.cri.rpc;

import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.cri.Pieces;
import dev.coracle.proto.v1.StreamPodSandboxMetricsRequest;

/** What {@link ListPodSandboxMetrics} answers, in pieces. */
public final class StreamPodSandboxMetrics {
    private final ListPodSandboxMetrics list;

    public StreamPodSandboxMetrics(ListPodSandboxMetrics list) {
        this.list = list;
    }

    public void handle(StreamPodSandboxMetricsRequest request, Outlet<EncodedAnswer> outlet) {
        Pieces.send(list.elements(), outlet);
    }
}
