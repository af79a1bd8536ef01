package dev.coracle.cri.rpc;

import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.cri.Pieces;
import dev.coracle.proto.v1.StreamContainersRequest;

/** What {@link ListContainers} answers, in pieces. */
public final class StreamContainers {
    private final ListContainers list;

    public StreamContainers(ListContainers list) {
        this.list = list;
    }

    public void handle(StreamContainersRequest request, Outlet<EncodedAnswer> outlet) {
        Pieces.send(list.elements(request.getFilter()), outlet);
    }
}
