package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.Filters;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.pod.Listed;
import dev.coracle.pod.Pods;
import dev.coracle.proto.v1.ContainerStatsFilter;
import dev.coracle.proto.v1.ListContainerStatsRequest;
import dev.coracle.proto.v1.ListContainerStatsResponse;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;

/** What every running container that meets the filter uses. One that ends meanwhile is left out. */
public final class ListContainerStats {
    private final Pods pods;

    public ListContainerStats(Pods pods) {
        this.pods = pods;
    }

    public ListContainerStatsResponse handle(ListContainerStatsRequest request) {
        ContainerStatsFilter filter = request.getFilter();
        ListContainerStatsResponse.Builder response = ListContainerStatsResponse.newBuilder();
        for (Listed<ContainerRecord> listed : pods.containers()) {
            ContainerRecord container = listed.record();
            if (runs(container) && Filters.matches(filter, container)) {
                add(response, container);
            }
        }
        return response.build();
    }

    private static boolean runs(ContainerRecord container) {
        return container.state() instanceof ContainerState.Running
                || container.state() instanceof ContainerState.Stopping;
    }

    private void add(ListContainerStatsResponse.Builder response, ContainerRecord container) {
        try {
            response.addStats(CriOut.stats(pods.usage(container.id().value())));
        } catch (RuntimeFailure.NotFound | RuntimeFailure.WrongState ended) {
            // It ended between the two looks: the others still count.
        }
    }
}
