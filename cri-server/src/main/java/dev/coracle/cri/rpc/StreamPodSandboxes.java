package dev.coracle.cri.rpc;

import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.cri.Pieces;
import dev.coracle.proto.v1.StreamPodSandboxesRequest;

/** What {@link ListPodSandbox} answers, in pieces. */
public final class StreamPodSandboxes {
    private final ListPodSandbox list;

    public StreamPodSandboxes(ListPodSandbox list) {
        this.list = list;
    }

    public void handle(StreamPodSandboxesRequest request, Outlet<EncodedAnswer> outlet) {
        Pieces.send(list.elements(request.getFilter()), outlet);
    }
}
