package dev.coracle.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A folder with an image layout. Immutable. */
record ArchiveFolder(Path root) implements ArchiveFiles {
    @Override
    public Optional<ArchiveContent> find(String name) throws IOException {
        if (name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        Path file = root.resolve(name).normalize();
        return file.startsWith(root.normalize()) && Files.isRegularFile(file)
                ? Optional.of(ArchiveContent.of(file, 0, Files.size(file)))
                : Optional.empty();
    }

    @Override
    public void close() {
        // nothing is open
    }
}
