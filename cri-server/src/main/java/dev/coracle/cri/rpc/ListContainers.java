package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Filters;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ListContainersRequest;

/** Every container that meets the filter, exited ones too. Reads memory only; nothing is encoded twice. */
public final class ListContainers {
    private final Pods pods;

    public ListContainers(Pods pods) {
        this.pods = pods;
    }

    public EncodedAnswer handle(ListContainersRequest request) {
        return CriOut.containers(pods.containers(), container -> Filters.matches(request.getFilter(), container));
    }
}
