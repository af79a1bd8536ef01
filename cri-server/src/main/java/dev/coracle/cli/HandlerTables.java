package dev.coracle.cli;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads the tables {@code [handlers.NAME]} of a configuration file. Confined to one call. */
final class HandlerTables {
    static final String KEY = "handlers";

    /** What Kubernetes lets a RuntimeClass name: a label of DNS. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private final BiConsumer<@Nullable TomlPosition, String> mistakes;

    private HandlerTables(BiConsumer<@Nullable TomlPosition, String> mistakes) {
        this.mistakes = mistakes;
    }

    /**
     * By name. What is wrong is left out, and told to {@code mistakes} with where it stands.
     *
     * @param tables what the file holds under {@link #KEY}
     */
    static Map<String, HandlerConfig> read(TomlTable tables, BiConsumer<@Nullable TomlPosition, String> mistakes) {
        HandlerTables reader = new HandlerTables(mistakes);
        Map<String, HandlerConfig> handlers = new LinkedHashMap<>();
        for (String name : tables.keySet()) {
            TomlPosition position = tables.inputPositionOf(List.of(name));
            if (!NAME.matcher(name).matches()) {
                mistakes.accept(position, KEY + "." + name + ": not a name of up to 63 of a-z, 0-9 and '-'");
            } else if (tables.get(List.of(name)) instanceof TomlTable table) {
                handlers.put(name, reader.handler(KEY + "." + name, table));
            } else {
                mistakes.accept(position, KEY + "." + name + ": expected a table");
            }
        }
        return handlers;
    }

    private HandlerConfig handler(String at, TomlTable table) {
        Map<HandlerSetting, Object> values = new EnumMap<>(HandlerSetting.class);
        for (String key : table.keySet()) {
            String path = at + "." + key;
            TomlPosition position = table.inputPositionOf(List.of(key));
            Optional<HandlerSetting> setting = HandlerSetting.ofKey(key);
            if (setting.isEmpty()) {
                String suggestion = UsageError.suggestion(key, HandlerSetting.keys());
                mistakes.accept(position, "unknown key " + path + suggestion);
            } else {
                value(setting.get(), path, table.get(List.of(key)), position)
                        .ifPresent(value -> values.put(setting.get(), value));
            }
        }
        return new HandlerConfig(
                isTrue(values, HandlerSetting.PRIVILEGED_WITHOUT_HOST_DEVICES),
                Optional.ofNullable(values.get(HandlerSetting.CNI_CONF_DIR)).map(path -> Path.of(path.toString())),
                isTrue(values, HandlerSetting.CGROUP_WRITABLE));
    }

    private static boolean isTrue(Map<HandlerSetting, Object> values, HandlerSetting setting) {
        return Boolean.TRUE.equals(values.get(setting));
    }

    private Optional<Object> value(
            HandlerSetting setting, String path, @Nullable Object value, @Nullable TomlPosition position) {
        if (!setting.type().isInstance(value)) {
            String wanted = setting.type() == Boolean.class ? "true or false" : "a string";
            mistakes.accept(position, path + ": expected " + wanted + ", found " + ConfigFile.typeName(value));
            return Optional.empty();
        }
        if (value instanceof String text && !text.startsWith("/")) {
            mistakes.accept(position, path + ": not an absolute path: " + text);
            return Optional.empty();
        }
        return Optional.ofNullable(value);
    }
}
