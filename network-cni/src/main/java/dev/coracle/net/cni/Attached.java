package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.SandboxSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of an attachment to check and release it: plugins must be told at DEL what they were told at ADD, even
 * if the administrator has replaced the configuration since, or the pod's own record went with a reboot.
 *
 * @param arguments the value of {@code CNI_ARGS}
 * @param capabilities the values for {@code runtimeConfig}, by capability
 * @param result null as long as ADD has not answered
 */
record Attached(
        NetworkConfiguration network,
        String arguments,
        Map<String, Object> capabilities,
        @Nullable CniResult result) {
    /** Of a pod that is to be attached. */
    static Attached intent(NetworkConfiguration network, String pod, SandboxSpec spec) {
        PodMetadata names = spec.metadata();
        String arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + names.namespace() + ";K8S_POD_NAME=" + names.name()
                + ";K8S_POD_INFRA_CONTAINER_ID=" + pod + ";K8S_POD_UID=" + names.uid();
        return new Attached(network, arguments, Capabilities.of(spec), null);
    }

    Attached with(CniResult answer) {
        return new Attached(network, arguments, capabilities, answer);
    }

    String text() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("network", Json.object(network.text()));
        object.put("arguments", arguments);
        object.put("capabilities", capabilities);
        if (result != null) {
            object.put("result", result.object());
        }
        return Json.text(object);
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    static Attached parse(String text, String source) {
        Map<String, Object> object = Json.object(text);
        try {
            return new Attached(
                    NetworkConfiguration.parse(Json.text(Json.asObject(object.get("network"))), source),
                    Json.asString(object.get("arguments")),
                    Json.asObject(object.get("capabilities")),
                    object.containsKey("result") ? new CniResult(Json.asObject(object.get("result"))) : null);
        } catch (InvalidSpec e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
