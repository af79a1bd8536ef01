package dev.coracle.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;

/**
 * An image layout in a tar archive, written from its beginning to its end. As name and size of a blob come before it, a layer is made
 * twice: first to learn them.
 */
final class ExportArchive implements ExportTarget {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int MODE = 0644;

    private final OutputStream out;
    private final TarWriter tar;
    private final Set<String> written = new HashSet<>();

    /** @param out stays the caller's to close */
    ExportArchive(OutputStream out) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.tar = new TarWriter(this.out);
    }

    @Override
    public void file(String name, byte[] content) throws IOException {
        if (written.add(name)) {
            tar.put(TarWriter.plainFile(name, MODE, content.length));
            out.write(content);
            tar.pad(content.length);
        }
    }

    @Override
    public Descriptor blob(String mediaType, Source content) throws IOException {
        HashingStream first = new HashingStream(OutputStream.nullOutputStream());
        content.writeTo(first);
        Descriptor blob = first.finish(mediaType);
        String name = ExportTarget.nameOf(blob.digest());
        if (written.add(name)) {
            tar.put(TarWriter.plainFile(name, MODE, blob.size()));
            HashingStream second = new HashingStream(out);
            content.writeTo(second);
            if (!second.finish(mediaType).equals(blob)) {
                throw new IOException("the files of a layer have changed meanwhile");
            }
            tar.pad(blob.size());
        }
        return blob;
    }

    @Override
    public void finish() throws IOException {
        tar.end();
        out.flush();
    }
}
