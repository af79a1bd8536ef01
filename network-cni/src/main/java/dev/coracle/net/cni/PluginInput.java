package dev.coracle.net.cni;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what a plugin reads on its standard input (CNI specification 1.1, section 4). */
final class PluginInput {
    private PluginInput() {}

    /**
     * The plugin's own configuration with the network's name and version, the capability values it asks for, and the
     * result of the plugin before it.
     */
    static Map<String, Object> of(
            NetworkConfiguration network,
            Plugin plugin,
            Map<String, Object> capabilities,
            @Nullable CniResult previous) {
        Map<String, Object> input = new LinkedHashMap<>(plugin.configuration());
        input.remove("capabilities");
        input.put("name", network.name());
        input.put("cniVersion", network.cniVersion());
        Map<String, Object> wanted = new LinkedHashMap<>(capabilities);
        wanted.keySet().removeIf(name -> !plugin.wants(name));
        if (!wanted.isEmpty()) {
            input.put("runtimeConfig", wanted);
        }
        if (previous != null) {
            input.put("prevResult", previous.object());
        }
        return input;
    }
}
