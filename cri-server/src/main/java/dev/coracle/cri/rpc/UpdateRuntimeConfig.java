package dev.coracle.cri.rpc;

import dev.coracle.proto.v1.UpdateRuntimeConfigRequest;
import dev.coracle.proto.v1.UpdateRuntimeConfigResponse;

/**
 * Tells of the node's range of pod addresses. Networks get theirs from their own configuration, so that there is nothing to do;
 * an error would only make the kubelet repeat it.
 */
public final class UpdateRuntimeConfig {
    public UpdateRuntimeConfigResponse handle(UpdateRuntimeConfigRequest request) {
        return UpdateRuntimeConfigResponse.getDefaultInstance();
    }
}
