package dev.coracle.spec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pod as asked for (CRI {@code PodSandboxConfig} and the handler of {@code RunPodSandboxRequest}).
 *
 * @param hostname of the pod's own UTS namespace; empty for the node's
 * @param logDirectory absolute path, or empty: container log paths are relative to it
 * @param dns null for the host's own {@code resolv.conf}
 * @param cgroupParent a path such as {@code /kubepods/burstable/poduid}, a slice such as {@code kubepods-podx.slice}, or empty
 * @param sysctls dotted or slashed names of namespaced settings to values
 * @param overhead what running the pod costs beside its containers; kept, and shown to plugins
 * @param resources the sum over the containers; kept, and shown to plugins
 * @param runtimeHandler empty for the default one
 */
public record SandboxSpec(
        PodMetadata metadata,
        String hostname,
        String logDirectory,
        @Nullable Dns dns,
        List<PortMapping> portMappings,
        Map<String, String> labels,
        Map<String, String> annotations,
        String cgroupParent,
        Map<String, String> sysctls,
        SandboxSecurity security,
        Resources overhead,
        Resources resources,
        String runtimeHandler) {
    public SandboxSpec {
        portMappings = List.copyOf(portMappings);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        sysctls = Map.copyOf(sysctls);
    }
}
