package dev.coracle.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** An image layout in a folder, which is empty at first and nobody else's. */
final class ExportFolder implements ExportTarget {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path folder;
    private boolean begun;

    ExportFolder(Path folder) {
        this.folder = folder;
    }

    @Override
    public void file(String name, byte[] content) throws IOException {
        Files.write(place(name), content);
    }

    @Override
    public Descriptor blob(String mediaType, Source content) throws IOException {
        Path growing = place("blobs/growing");
        Descriptor blob;
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(growing), BUFFER_BYTES)) {
            HashingStream hashing = new HashingStream(file);
            content.writeTo(hashing);
            blob = hashing.finish(mediaType);
        }
        Files.move(growing, place(ExportTarget.nameOf(blob.digest())), StandardCopyOption.REPLACE_EXISTING);
        return blob;
    }

    @Override
    public void finish() {
        // nothing is open
    }

    /** Once it has begun, a folder that is taken away stays away. */
    private Path place(String name) throws IOException {
        if (!begun) {
            Files.createDirectories(folder.resolve("blobs/sha256"));
            begun = true;
        }
        return folder.resolve(name);
    }
}
