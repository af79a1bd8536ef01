package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Filters;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandboxFilter;
import java.util.stream.Stream;

/** Every pod that meets the filter. A kubelet asks each second: nothing is read but memory, nothing encoded twice. */
public final class ListPodSandbox {
    private final Pods pods;

    public ListPodSandbox(Pods pods) {
        this.pods = pods;
    }

    public EncodedAnswer handle(ListPodSandboxRequest request) {
        return EncodedAnswer.ofElements(elements(request.getFilter()));
    }

    Stream<byte[]> elements(PodSandboxFilter filter) {
        return CriOut.sandboxes(pods.sandboxes(), pod -> Filters.matches(filter, pod));
    }
}
