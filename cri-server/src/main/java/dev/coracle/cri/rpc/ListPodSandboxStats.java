package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Filters;
import dev.coracle.pod.Usages;
import dev.coracle.proto.v1.ListPodSandboxStatsRequest;
import dev.coracle.proto.v1.PodSandboxStatsFilter;
import java.util.stream.Stream;

/** What every ready pod that meets the filter uses. One that ends meanwhile is left out. */
public final class ListPodSandboxStats {
    private final Usages usages;

    public ListPodSandboxStats(Usages usages) {
        this.usages = usages;
    }

    public EncodedAnswer handle(ListPodSandboxStatsRequest request) {
        return EncodedAnswer.ofElements(elements(request.getFilter()));
    }

    Stream<byte[]> elements(PodSandboxStatsFilter filter) {
        return usages.pods(pod -> Filters.matches(filter, pod)).map(CriOut::element);
    }
}
