package dev.coracle.cri;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.MessageLite;
import dev.coracle.proto.Contract;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.SandboxSpec;

/**
 * Requests written as JSON, in the form that crictl takes: field names as in the contract or in camel case, enumerations as names
 * or numbers, 64 bit numbers also as strings, bytes in base64.
 */
public final class CriJson {
    private CriJson() {}

    /** Of a {@code PodSandboxConfig}. */
    public static SandboxSpec sandboxSpec(String json, String runtimeHandler) {
        FieldPath at = FieldPath.of("pod");
        return SandboxIn.read(read(json, PodSandboxConfig.getDefaultInstance(), at), runtimeHandler, at);
    }

    /** Of a {@code ContainerConfig}. */
    public static ContainerSpec containerSpec(String json) {
        FieldPath at = FieldPath.of("container");
        return ContainerIn.read(read(json, ContainerConfig.getDefaultInstance(), at), at);
    }

    private static <M extends MessageLite> M read(String json, M like, FieldPath at) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(Contract.descriptor(like));
        JsonIn.read(json, message, at);
        return Contract.closed(message.build(), like);
    }
}
