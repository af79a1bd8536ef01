package dev.coracle.image;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** What an export is written to, by the names of an OCI image layout. Confined to one thread. */
sealed interface ExportTarget permits ExportFolder, ExportArchive {
    /** Content that is made as often as it is asked for, the same each time. */
    interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes a file. */
    void file(String name, byte[] content) throws IOException;

    /** Writes content of unknown length as a blob. */
    Descriptor blob(String mediaType, Source content) throws IOException;

    /** Nothing more comes. */
    void finish() throws IOException;

    /** Writes a small blob. */
    default Descriptor blob(String mediaType, byte[] content) throws IOException {
        Digest digest = Digest.sha256(content);
        file(nameOf(digest), content);
        return new Descriptor(mediaType, digest, content.length, Optional.empty());
    }

    /** The name of a blob's file. */
    static String nameOf(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }
}
