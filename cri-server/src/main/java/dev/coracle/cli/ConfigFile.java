package dev.coracle.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads a configuration file. Every mistake in it is named by file, line and key, all of them at once. */
final class ConfigFile {
    private final Path path;
    private final Map<Setting, String> values = new EnumMap<>(Setting.class);
    private final List<String> mistakes = new ArrayList<>();

    private ConfigFile(Path path) {
        this.path = path;
    }

    /**
     * @return the settings that the file holds
     * @throws UsageError if it cannot be read, is not TOML, or holds an unknown key or a value of the wrong kind
     */
    static Map<Setting, String> read(Path path) {
        ConfigFile file = new ConfigFile(path);
        file.parse(text(path));
        if (!file.mistakes.isEmpty()) {
            throw new UsageError(String.join("\n", file.mistakes));
        }
        return file.values;
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
        for (String key : toml.dottedKeySet(false)) {
            TomlPosition position = Objects.requireNonNull(toml.inputPositionOf(key));
            value(key, Objects.requireNonNull(toml.get(key)), position);
        }
    }

    private void value(String key, Object value, TomlPosition position) {
        Optional<Setting> setting = Setting.ofKey(key);
        if (setting.isEmpty()) {
            List<String> known =
                    Arrays.stream(Setting.values()).map(Setting::key).toList();
            mistake(position, "unknown key " + key + UsageError.suggestion(key, known));
        } else if (!(value instanceof String text)) {
            mistake(position, key + ": expected a string, found " + typeName(value));
        } else {
            string(setting.get(), text, position);
        }
    }

    private void string(Setting setting, String value, TomlPosition position) {
        switch (setting.kind()) {
            case PATH -> {
                if (!value.isEmpty() && !value.startsWith("/")) {
                    mistake(position, setting.key() + ": not an absolute path: " + value);
                }
            }
            case LEVEL -> {
                if (!Logs.LEVELS.containsKey(value)) {
                    mistake(position, setting.key() + ": not one of " + String.join(", ", Logs.LEVELS.keySet()));
                }
            }
        }
        values.put(setting, value);
    }

    private void mistake(TomlPosition position, String what) {
        mistakes.add(path + ":" + position.line() + ": " + what);
    }

    private static String typeName(Object value) {
        return switch (value) {
            case Long _ -> "an integer";
            case Double _ -> "a float";
            case Boolean _ -> "a boolean";
            case TomlArray _ -> "an array";
            case TomlTable _ -> "a table";
            default -> "a date or time";
        };
    }
}
