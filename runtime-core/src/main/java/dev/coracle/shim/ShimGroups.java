package dev.coracle.shim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups {@code coracle/shims} that the spawner makes. It cannot remove them itself, because it is in them. Immutable.
 *
 * @param roots directories, one of each hierarchy
 */
record ShimGroups(List<Path> roots) {
    private static final Logger LOG = LoggerFactory.getLogger(ShimGroups.class);

    ShimGroups {
        roots = List.copyOf(roots);
    }

    /** Leaves them where a shim or another daemon's spawner is in them: whichever daemon ends after that removes them. */
    void removeUnlessUsed() {
        for (Path root : roots) {
            Path coracle = root.resolve("coracle");
            try {
                Files.deleteIfExists(coracle.resolve("shims"));
                Files.deleteIfExists(coracle);
            } catch (IOException e) {
                LOG.debug("leave {}: {}", coracle, e.getMessage());
            }
        }
    }
}
