package dev.coracle.stats;

import java.nio.file.Path;
import java.util.Map;

/** Where one group's files are. */
public sealed interface GroupFiles {
    /** One directory with everything. */
    record V2(Path directory) implements GroupFiles {}

    /**
     * A directory for each controller.
     *
     * @param directories controller ({@code memory}) to the group's directory in that hierarchy
     */
    record V1(Map<String, Path> directories) implements GroupFiles {
        public V1 {
            directories = Map.copyOf(directories);
        }
    }
}
