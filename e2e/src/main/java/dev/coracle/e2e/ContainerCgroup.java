package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The control group of a container as the machine has it, found by the container's id, version 1 or 2. */
public record ContainerCgroup(String path, boolean isV2) {

    public static ContainerCgroup of(String containerId) {
        for (String controller : List.of("memory", "")) {
            Path root = Path.of("/sys/fs/cgroup", controller);
            if (!Files.isDirectory(root)) {
                continue;
            }
            for (Path group : PodCgroup.groupsBelow(root)) {
                if (group.getFileName().toString().contains(containerId)) {
                    return new ContainerCgroup(root.relativize(group).toString(), controller.isEmpty());
                }
            }
        }
        throw new IllegalStateException("no cgroup is named by " + containerId);
    }

    /** A file's content, by its name in version 1 ("memory/memory.limit_in_bytes") or in version 2 ("memory.max"). */
    public String read(String v1, String v2) {
        if (isV2) {
            return text(Path.of("/sys/fs/cgroup", path, v2));
        }
        String[] parts = v1.split("/", 2);
        return text(Path.of("/sys/fs/cgroup", parts[0], path, parts[1]));
    }

    /** Where its files are: one directory, or one for each of these controllers in version 1. */
    public List<Path> directories(String... controllers) {
        return isV2
                ? List.of(Path.of("/sys/fs/cgroup", path))
                : Stream.of(controllers)
                        .map(controller -> Path.of("/sys/fs/cgroup", controller, path))
                        .toList();
    }

    public List<String> processes() {
        return read("memory/cgroup.procs", "cgroup.procs").lines().toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
