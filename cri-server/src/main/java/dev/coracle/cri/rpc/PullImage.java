package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.Node;
import dev.coracle.image.Image;
import dev.coracle.image.PullTicket;
import dev.coracle.image.Pulls;
import dev.coracle.pod.Cancellation;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.PullImageResponse;

/** Brings an image from its registry, also when it is there: a tag may have moved. Ends with its last client. */
public final class PullImage {
    private final Node node;
    private final Pulls pulls;

    public PullImage(Node node, Pulls pulls) {
        this.node = node;
        this.pulls = pulls;
    }

    public PullImageResponse handle(PullImageRequest request, Cancellation cancellation) {
        node.requireHandler("image.runtime_handler", request.getImage().getRuntimeHandler());
        PullTicket ticket = pulls.pull(CriIn.image(request.getImage()), CriIn.credentials(request.getAuth()));
        try (Cancellation.Registration _ = cancellation.onCancel(ticket::cancel)) {
            Image image = ticket.await();
            return PullImageResponse.newBuilder()
                    .setImageRef(image.id().toString())
                    .build();
        }
    }
}
