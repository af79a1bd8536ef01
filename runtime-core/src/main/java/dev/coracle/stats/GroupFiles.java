package dev.coracle.stats;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where one group's files are. */
public sealed interface GroupFiles {
    /** One directory with everything. */
    record V2(Path directory) implements GroupFiles {}

    /**
     * A directory for each controller.
     *
     * @param directories controller ({@code memory}) to the group's directory in that hierarchy
     * @param unified the group in a hierarchy of version 2 beside these, which counts pressure; null where there is none
     */
    record V1(Map<String, Path> directories, @Nullable Path unified) implements GroupFiles {
        private static final Path NOWHERE = Path.of("/nonexistent");

        public V1 {
            directories = Map.copyOf(directories);
        }

        FigureFile.In in(String controller) {
            return new FigureFile.In(directories.getOrDefault(controller, NOWHERE));
        }

        FigureFile.In inUnified() {
            return new FigureFile.In(unified == null ? NOWHERE : unified);
        }
    }

    /** A directory that lists the group's processes, with those of the groups below it. */
    default Path processes() {
        return switch (this) {
            case V2(Path directory) -> directory;
            case V1(Map<String, Path> directories, Path unified) -> directories.getOrDefault("memory", V1.NOWHERE);
        };
    }
}
