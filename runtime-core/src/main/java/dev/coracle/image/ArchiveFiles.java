package dev.coracle.image;

import java.io.IOException;
import java.util.Optional;

/** The files of an archive of images, by name; whoever reads one may read it from the middle. Safe for any thread. */
sealed interface ArchiveFiles extends AutoCloseable permits ArchiveTar, ArchiveFolder {
    /** The regular file of this name, relative and without {@code .} or {@code ..}; symbolic links are followed inside the archive. */
    Optional<ArchiveContent> find(String name) throws IOException;

    @Override
    void close() throws IOException;
}
