package dev.coracle.cri.rpc;

import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.cri.Pieces;
import dev.coracle.proto.v1.StreamImagesRequest;

/** What {@link ListImages} answers, in pieces. */
public final class StreamImages {
    private final ListImages list;

    public StreamImages(ListImages list) {
        this.list = list;
    }

    public void handle(StreamImagesRequest request, Outlet<EncodedAnswer> outlet) {
        Pieces.send(list.elements(request.getFilter()), outlet);
    }
}
