package dev.coracle.image;

import dev.coracle.linux.Flock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A layer that is not whole yet. Its lock is held until it is closed: what is found here unlocked after a crash is nobody's.
 * Confined to the thread that unpacks.
 */
final class StagedLayer implements AutoCloseable {
    private final Path directory;
    private final Flock lock;

    private StagedLayer(Path directory, Flock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    static StagedLayer in(Path staging) throws IOException {
        Path directory = Files.createTempDirectory(staging, "");
        Flock lock = Flock.tryLock(ImagePaths.lock(directory)).orElseThrow();
        Path files = Files.createDirectory(ImagePaths.files(directory));
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new StagedLayer(directory, lock);
    }

    Path directory() {
        return directory;
    }

    Path files() {
        return ImagePaths.files(directory);
    }

    /** Writes what is kept beside the files. */
    void seal(LayerRecord record, LayerNotes notes) throws IOException {
        Files.write(ImagePaths.record(directory), record.toJson());
        Files.write(ImagePaths.notes(directory), LayerRecord.notesToJson(notes));
        Files.delete(ImagePaths.lock(directory));
    }

    @Override
    public void close() {
        lock.close();
    }
}
