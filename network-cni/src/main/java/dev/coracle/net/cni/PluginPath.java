package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The directories that plugins' programs are looked for in, in order ({@code CNI_PATH}). */
record PluginPath(List<Path> directories) {
    PluginPath {
        directories = List.copyOf(directories);
    }

    /** The program of this name, if there is one. */
    Optional<Path> find(String type) {
        return directories.stream()
                .map(directory -> directory.resolve(type))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The program of this name, or a failure that says where it was looked for. */
    Path require(Plugin plugin, String action) {
        return find(plugin.type())
                .orElseThrow(() -> new Unavailable(action, "no program " + plugin.type() + " in " + variable()));
    }

    /** The value of {@code CNI_PATH}. */
    String variable() {
        return directories.stream().map(Path::toString).collect(Collectors.joining(":"));
    }
}
