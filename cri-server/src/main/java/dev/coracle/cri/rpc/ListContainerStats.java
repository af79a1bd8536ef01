package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.cri.Filters;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.pod.Listed;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ContainerStatsFilter;
import dev.coracle.proto.v1.ListContainerStatsRequest;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import java.util.stream.Stream;

/** What every running container that meets the filter uses. One that ends meanwhile is left out. */
public final class ListContainerStats {
    private final Pods pods;

    public ListContainerStats(Pods pods) {
        this.pods = pods;
    }

    public EncodedAnswer handle(ListContainerStatsRequest request) {
        return EncodedAnswer.ofElements(elements(request.getFilter()));
    }

    Stream<byte[]> elements(ContainerStatsFilter filter) {
        return pods.containers().stream()
                .map(Listed::record)
                .filter(container -> runs(container) && Filters.matches(filter, container))
                .flatMap(this::element);
    }

    private static boolean runs(ContainerRecord container) {
        return container.state() instanceof ContainerState.Running
                || container.state() instanceof ContainerState.Stopping;
    }

    private Stream<byte[]> element(ContainerRecord container) {
        try {
            return Stream.of(CriOut.element(pods.usage(container.id().value())));
        } catch (RuntimeFailure.NotFound | RuntimeFailure.WrongState ended) {
            // It ended between the two looks: the others still count.
            return Stream.empty();
        }
    }
}
