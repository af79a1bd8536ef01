package dev.coracle.cri;

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
        PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder();
        JsonIn.read(json, config, at);
        return SandboxIn.read(config.build(), runtimeHandler, at);
    }

    /** Of a {@code ContainerConfig}. */
    public static ContainerSpec containerSpec(String json) {
        FieldPath at = FieldPath.of("container");
        ContainerConfig.Builder config = ContainerConfig.newBuilder();
        JsonIn.read(json, config, at);
        return ContainerIn.read(config.build(), at);
    }
}
