package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.OwnCalls;
import dev.coracle.image.PullTicket;
import dev.coracle.image.Pulls;
import dev.coracle.pod.Cancellation;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.PullImageResponse;

/** PullImage, from a registry that the command line serves on the loopback while it imports an archive. Ends with its last client. */
public final class PullFrom {
    private final Pulls pulls;

    public PullFrom(Pulls pulls) {
        this.pulls = pulls;
    }

    public PullImageResponse handle(PullImageRequest request, Cancellation cancellation) {
        PullTicket ticket = pulls.pull(CriIn.image(request.getImage()), OwnCalls.from(request));
        try (Cancellation.Registration _ = cancellation.onCancel(ticket::cancel)) {
            return PullImageResponse.newBuilder()
                    .setImageRef(ticket.await().id().toString())
                    .build();
        }
    }
}
