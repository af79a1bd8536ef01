package dev.coracle.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads a configuration file. Every mistake in it is named by file, line and key, all of them at once. */
final class ConfigFile {
    private static final int PORT_MAX = 65_535;
    private static final int COUNT_MAX = 1_000_000_000;

    private final Path path;
    private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
    private final Map<String, HandlerConfig> handlers = new LinkedHashMap<>();
    private final List<String> mistakes = new ArrayList<>();

    private ConfigFile(Path path) {
        this.path = path;
    }

    /**
     * Reads one.
     *
     * @throws UsageError if it cannot be read, is not TOML, or holds an unknown key or a value of the wrong kind
     */
    static ConfigFile read(Path path) {
        ConfigFile file = new ConfigFile(path);
        file.parse(text(path));
        if (!file.mistakes.isEmpty()) {
            throw new UsageError(String.join("\n", file.mistakes));
        }
        return file;
    }

    /** Those that the file holds. */
    Map<Setting, String> settings() {
        return settings;
    }

    /** The runtime handlers it configures, by name. */
    Map<String, HandlerConfig> handlers() {
        return handlers;
    }

    private static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (NoSuchFileException e) {
            throw new UsageError(path + ": no such file");
        } catch (IOException e) {
            throw new UsageError(path + ": cannot be read: " + e.getMessage());
        }
    }

    private void parse(String text) {
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            toml.errors().forEach(error -> mistake(error.position(), String.valueOf(error.getMessage())));
            return;
        }
        TomlTable tables = toml.get(List.of(HandlerTables.KEY)) instanceof TomlTable table ? table : null;
        if (tables != null) {
            handlers.putAll(HandlerTables.read(tables, this::mistake));
        }
        for (List<String> key : toml.keyPathSet(false)) {
            if (!(tables != null && key.getFirst().equals(HandlerTables.KEY))) {
                TomlPosition position = Objects.requireNonNull(toml.inputPositionOf(key));
                value(String.join(".", key), Objects.requireNonNull(toml.get(key)), position);
            }
        }
    }

    private void value(String key, Object value, TomlPosition position) {
        Optional<Setting> setting = Setting.ofKey(key);
        if (setting.isEmpty()) {
            List<String> known =
                    Arrays.stream(Setting.values()).map(Setting::key).toList();
            mistake(position, "unknown key " + key + UsageError.suggestion(key, known));
        } else {
            value(setting.get(), value, position);
        }
    }

    private void value(Setting setting, Object value, TomlPosition position) {
        switch (setting.kind()) {
            case PORT -> number(setting, value, 0, PORT_MAX, position);
            case COUNT -> number(setting, value, 1, COUNT_MAX, position);
            case PIDS -> number(setting, value, 0, Setting.PIDS_MAX, position);
            case SWITCH -> {
                if (value instanceof Boolean on) {
                    settings.put(setting, on.toString());
                } else {
                    mistake(position, setting.key() + ": expected true or false, found " + typeName(value));
                }
            }
            case PATH, TEXT, NAMES, DURATION, SIZE, LEVEL -> {
                if (value instanceof String text) {
                    string(setting, text, position);
                } else {
                    mistake(position, setting.key() + ": expected a string, found " + typeName(value));
                }
            }
        }
    }

    private void number(Setting setting, Object value, long least, long most, TomlPosition position) {
        if (!(value instanceof Long number)) {
            mistake(position, setting.key() + ": expected an integer, found " + typeName(value));
        } else if (number < least || number > most) {
            mistake(position, setting.key() + ": not between " + least + " and " + most + ": " + number);
        } else {
            settings.put(setting, number.toString());
        }
    }

    private void string(Setting setting, String value, TomlPosition position) {
        switch (setting.kind()) {
            case PATH -> {
                if (!value.isEmpty() && !value.startsWith("/")) {
                    mistake(position, setting.key() + ": not an absolute path: " + value);
                }
            }
            case TEXT -> {
                if (value.isBlank()) {
                    mistake(position, setting.key() + ": empty");
                }
            }
            case DURATION -> {
                if (Config.duration(value).isEmpty()) {
                    mistake(position, setting.key() + ": not a time such as 4h, 30m or 90s: " + value);
                }
            }
            case SIZE -> {
                if (Config.bytes(value).isEmpty()) {
                    mistake(position, setting.key() + ": not a size such as 64KiB, 4MiB or 256GiB: " + value);
                }
            }
            case NAMES -> {} // whatever they are
            case PORT, COUNT, PIDS, SWITCH -> {} // no strings
            case LEVEL -> {
                if (!Logs.LEVELS.containsKey(value)) {
                    mistake(position, setting.key() + ": not one of " + String.join(", ", Logs.LEVELS.keySet()));
                }
            }
        }
        settings.put(setting, value);
    }

    private void mistake(@Nullable TomlPosition position, String what) {
        mistakes.add(path + (position == null ? "" : ":" + position.line()) + ": " + what);
    }

    static String typeName(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case String _ -> "a string";
            case Long _ -> "an integer";
            case Double _ -> "a float";
            case Boolean _ -> "a boolean";
            case TomlArray _ -> "an array";
            case TomlTable _ -> "a table";
            default -> "a date or time";
        };
    }
}
