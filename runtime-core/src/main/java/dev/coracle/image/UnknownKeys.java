package dev.coracle.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.tomlj.TomlTable;

/**
 * Tells of keys in a {@code hosts.toml} that mean nothing here, most often a word that is spelled wrong: once for each content of the file,
 * not at each pull. Safe for any thread.
 */
final class UnknownKeys {
    private static final Set<String> OF_A_HOST =
            Set.of("capabilities", "ca", "client", "skip_verify", "override_path", "dial_timeout", "header");
    private static final Set<String> OF_THE_FILE = Set.of("server", "host");

    private final Consumer<String> warn;
    private final Map<Path, Digest> told = new ConcurrentHashMap<>();

    UnknownKeys(Consumer<String> warn) {
        this.warn = warn;
    }

    /** {@code root} is what {@code content}, the file's, says. */
    void tell(Path file, byte[] content, TomlTable root) {
        Digest now = Digest.sha256(content);
        if (!now.equals(told.put(file, now))) {
            in(root).forEach(key ->
                    warn.accept(file + ": the key " + key + " is unknown and passed over; all else counts"));
        }
    }

    private static List<String> in(TomlTable root) {
        List<String> unknown = new ArrayList<>();
        root.keySet().stream()
                .filter(key -> !OF_A_HOST.contains(key) && !OF_THE_FILE.contains(key))
                .forEach(unknown::add);
        TomlTable hosts = root.getTable("host");
        if (hosts != null) {
            for (String url : hosts.keySet()) {
                TomlTable host = hosts.getTable(List.of(url));
                if (host != null) {
                    host.keySet().stream()
                            .filter(key -> !OF_A_HOST.contains(key))
                            .forEach(key -> unknown.add("host.\"" + url + "\"." + key));
                }
            }
        }
        unknown.sort(null);
        return unknown;
    }
}
