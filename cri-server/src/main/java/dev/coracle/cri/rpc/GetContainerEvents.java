package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Outlet;
import dev.coracle.pod.Following;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.GetEventsRequest;

/**
 * What happens to pods and containers from the moment that the client is let in, each event with the whole pod. Nobody waits for a client
 * that reads slowly: when it has fallen too far behind, its stream ends with RESOURCE_EXHAUSTED and the number of events it will not get,
 * and it has to list and to come again.
 */
public final class GetContainerEvents {
    private final Pods pods;

    public GetContainerEvents(Pods pods) {
        this.pods = pods;
    }

    public void handle(GetEventsRequest request, Outlet<EncodedAnswer> outlet) {
        try (Following following = pods.follow()) {
            outlet.open();
            while (true) {
                outlet.send(CriOut.event(following.next(outlet.cancellation())));
            }
        }
    }
}
