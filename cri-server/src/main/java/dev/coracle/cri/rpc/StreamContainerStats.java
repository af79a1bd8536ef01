package dev.coracle.cri.rpc;

import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.cri.Pieces;
import dev.coracle.proto.v1.StreamContainerStatsRequest;

/** What {@link ListContainerStats} answers, in pieces. */
public final class StreamContainerStats {
    private final ListContainerStats list;

    public StreamContainerStats(ListContainerStats list) {
        this.list = list;
    }

    public void handle(StreamContainerStatsRequest request, Outlet<EncodedAnswer> outlet) {
        Pieces.send(list.elements(request.getFilter()), outlet);
    }
}
