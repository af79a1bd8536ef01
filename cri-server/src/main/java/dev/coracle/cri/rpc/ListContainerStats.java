package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Filters;
import dev.coracle.pod.Usages;
import dev.coracle.proto.v1.ContainerStatsFilter;
import dev.coracle.proto.v1.ListContainerStatsRequest;
import java.util.stream.Stream;

/** What every running container that meets the filter uses. One that ends meanwhile is left out. */
public final class ListContainerStats {
    private final Usages usages;

    public ListContainerStats(Usages usages) {
        this.usages = usages;
    }

    public EncodedAnswer handle(ListContainerStatsRequest request) {
        return EncodedAnswer.ofElements(elements(request.getFilter()));
    }

    Stream<byte[]> elements(ContainerStatsFilter filter) {
        return usages.containers(container -> Filters.matches(filter, container))
                .map(CriOut::element);
    }
}
