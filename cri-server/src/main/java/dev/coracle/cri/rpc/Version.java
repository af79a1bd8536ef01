package dev.coracle.cri.rpc;

import dev.coracle.proto.v1.VersionRequest;
import dev.coracle.proto.v1.VersionResponse;

/** Says what runs here. A kubelet asks first thing, and ends if any of the four values is missing. */
public final class Version {
    /** Of the kubelet's runtime API, which it compares with its own; fixed for as long as CRI v1 lasts. */
    private static final String KUBELET_API_VERSION = "0.1.0";

    private static final String RUNTIME_API_VERSION = "v1";

    /** Container ids in Kubernetes read {@code coracle://…}. */
    private static final String RUNTIME_NAME = "coracle";

    private final VersionResponse response;

    /** {@code runtimeVersion} is one that semantic versioning understands. */
    public Version(String runtimeVersion) {
        this.response = VersionResponse.newBuilder()
                .setVersion(KUBELET_API_VERSION)
                .setRuntimeName(RUNTIME_NAME)
                .setRuntimeVersion(runtimeVersion)
                .setRuntimeApiVersion(RUNTIME_API_VERSION)
                .build();
    }

    public VersionResponse handle(VersionRequest request) {
        return response;
    }
}
