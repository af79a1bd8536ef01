package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Filters;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ContainerFilter;
import dev.coracle.proto.v1.ListContainersRequest;
import java.util.stream.Stream;

/** Every container that meets the filter, exited ones too. Reads memory only; nothing is encoded twice. */
public final class ListContainers {
    private final Pods pods;

    public ListContainers(Pods pods) {
        this.pods = pods;
    }

    public EncodedAnswer handle(ListContainersRequest request) {
        return EncodedAnswer.ofElements(elements(request.getFilter()));
    }

    Stream<byte[]> elements(ContainerFilter filter) {
        return CriOut.containers(pods.containers(), container -> Filters.matches(filter, container));
    }
}
