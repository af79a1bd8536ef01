package dev.coracle.cri.rpc;

import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.cri.Pieces;
import dev.coracle.proto.v1.StreamPodSandboxStatsRequest;

/** What {@link ListPodSandboxStats} answers, in pieces. */
public final class StreamPodSandboxStats {
    private final ListPodSandboxStats list;

    public StreamPodSandboxStats(ListPodSandboxStats list) {
        this.list = list;
    }

    public void handle(StreamPodSandboxStatsRequest request, Outlet<EncodedAnswer> outlet) {
        Pieces.send(list.elements(request.getFilter()), outlet);
    }
}
