package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.proto.v1.ListMetricDescriptorsRequest;
import dev.coracle.proto.v1.ListMetricDescriptorsResponse;

/** Every name that metrics may have. A kubelet asks once, and knows no others. */
public final class ListMetricDescriptors {
    private static final ListMetricDescriptorsResponse ALL = ListMetricDescriptorsResponse.newBuilder()
            .addAllDescriptors(CriOut.metricDescriptors())
            .build();

    public ListMetricDescriptorsResponse handle(ListMetricDescriptorsRequest request) {
        return ALL;
    }
}
