package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.pod.Usages;
import dev.coracle.proto.v1.ListPodSandboxMetricsRequest;
import java.util.stream.Stream;

/** Everything that is counted of every ready pod and its containers. One that ends meanwhile is left out. */
public final class ListPodSandboxMetrics {
    private final Usages usages;

    public ListPodSandboxMetrics(Usages usages) {
        this.usages = usages;
    }

    public EncodedAnswer handle(ListPodSandboxMetricsRequest request) {
        return EncodedAnswer.ofElements(elements());
    }

    Stream<byte[]> elements() {
        return usages.figures().map(CriOut::element);
    }
}
