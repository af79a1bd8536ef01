package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One plugin of a network, as its configuration says.
 *
 * @param type the name of the plugin's program, without a slash
 * @param configuration the plugin's whole object, {@code type} and {@code capabilities} included
 */
record Plugin(String type, Map<String, Object> configuration) {
    /** Reads a plugin's object; {@code where} names it in the failure. */
    static Plugin of(Map<String, Object> configuration, String where) {
        String type = Json.asString(configuration.get("type"));
        if (type.isEmpty()) {
            throw new InvalidSpec(where + ".type", "missing");
        }
        if (type.contains("/")) {
            throw new InvalidSpec(where + ".type", "\"" + type + "\" holds a slash: a plugin is named, not located");
        }
        return new Plugin(type, new LinkedHashMap<>(configuration));
    }

    /** Whether it asks for the values of the capability of this name (CNI conventions, {@code runtimeConfig}). */
    boolean wants(String capability) {
        return Boolean.TRUE.equals(
                Json.asObject(configuration.get("capabilities")).get(capability));
    }
}
