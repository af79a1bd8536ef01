package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network as configured: a list of plugins called one after the other (CNI specification 1.1, section 1).
 *
 * @param cniVersion the version of the specification that the plugins are spoken to in
 * @param disableCheck the administrator's word that CHECK is of no use here
 * @param disableGc the same of GC
 */
record NetworkConfiguration(
        String name, String cniVersion, boolean disableCheck, boolean disableGc, List<Plugin> plugins) {
    NetworkConfiguration {
        plugins = List.copyOf(plugins);
    }

    /**
     * Reads a {@code .conflist}, or the {@code .conf} of a single plugin.
     *
     * @param source names the file in a failure
     * @throws InvalidSpec naming what is missing or wrong
     */
    static NetworkConfiguration parse(String text, String source) {
        Map<String, Object> object;
        try {
            object = Json.object(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidSpec(source, String.valueOf(e.getMessage()));
        }
        String name = Json.asString(object.get("name"));
        if (name.isEmpty()) {
            throw new InvalidSpec(source + ": name", "missing");
        }
        List<Plugin> plugins = object.containsKey("plugins")
                ? pluginsOf(object, source)
                : List.of(Plugin.of(object, source + ": (plugin)"));
        if (plugins.isEmpty()) {
            throw new InvalidSpec(source + ": plugins", "empty");
        }
        return new NetworkConfiguration(
                name,
                version(object, source),
                flag(object.get("disableCheck")),
                flag(object.get("disableGC")),
                plugins);
    }

    /** The text it can be read from again, kept beside an attachment: DEL must get what ADD got. */
    String text() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("cniVersion", cniVersion);
        object.put("name", name);
        object.put("disableCheck", disableCheck);
        object.put("disableGC", disableGc);
        object.put("plugins", plugins.stream().map(Plugin::configuration).toList());
        return Json.text(object);
    }

    /** Whether this network's version of the specification is at least {@code major.minor}. */
    boolean atLeast(int major, int minor) {
        String[] parts = cniVersion.split("\\.", -1);
        int own = Integer.parseInt(parts[0]);
        return own > major || (own == major && Integer.parseInt(parts[1]) >= minor);
    }

    private static List<Plugin> pluginsOf(Map<String, Object> object, String source) {
        List<Plugin> plugins = new ArrayList<>();
        for (Object each : Json.asList(object.get("plugins"))) {
            plugins.add(Plugin.of(Json.asObject(each), source + ": plugins[" + plugins.size() + "]"));
        }
        return plugins;
    }

    /** Of 1.1's {@code cniVersions} the highest that this runtime speaks counts; else {@code cniVersion}. */
    private static String version(Map<String, Object> object, String source) {
        List<String> offered = new ArrayList<>();
        Json.asList(object.get("cniVersions")).forEach(each -> offered.add(Json.asString(each)));
        if (offered.contains("1.1.0")) {
            return "1.1.0";
        }
        String version = Json.asString(object.get("cniVersion"));
        if (version.isEmpty()) {
            return "0.2.0"; // what the specification says of a configuration without one
        }
        if (!version.matches("(0\\.[1-4]|1\\.[01])\\.\\d+")) {
            throw new InvalidSpec(source + ": cniVersion", "\"" + version + "\" is not one of 0.1.0 to 1.1.0");
        }
        return version;
    }

    /** Some administrators write booleans as strings, and the reference library reads them. */
    private static boolean flag(@Nullable Object value) {
        return Boolean.TRUE.equals(value) || "true".equals(value);
    }
}
