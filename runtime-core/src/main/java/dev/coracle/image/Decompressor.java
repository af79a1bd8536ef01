package dev.coracle.image;

import java.nio.ByteBuffer;

/**
 * Turns a layer's blob into its tar stream, a piece at a time. The form is known by its first bytes, whatever the media type
 * says: that is how other runtimes read, and images with the wrong type exist. Confined to the thread that fetches.
 */
sealed interface Decompressor extends AutoCloseable permits GzipDecompressor, ZstdDecompressor, PlainCopy {
    /** As many bytes as it takes to know the form. */
    int MAGIC_BYTES = 4;

    /** The form of the blob that starts with these bytes; fewer than {@link #MAGIC_BYTES} only if it has no more. */
    static Decompressor forBlob(byte[] start, int length) throws LayerFault {
        if (length >= 2 && start[0] == 0x1f && start[1] == (byte) 0x8b) {
            return new GzipDecompressor(Inflation.fastest());
        }
        if (length >= MAGIC_BYTES) {
            int magic = (start[0] & 0xff) | (start[1] & 0xff) << 8 | (start[2] & 0xff) << 16 | start[3] << 24;
            // A frame of zstd, or one that is to be skipped (RFC 8878, 3.1.1 and 3.1.2).
            if (magic == 0xfd2f_b528 || (magic & 0xffff_fff0) == 0x184d_2a50) {
                return new ZstdDecompressor();
            }
            if (magic == 0x587a_37fd || (magic & 0xff_ffff) == 0x68_5a42) {
                throw new LayerFault("it is compressed with xz or bzip2; gzip, zstd and no compression are supported");
            }
        }
        return new PlainCopy();
    }

    /**
     * Goes on until {@code output} is full or {@code input} is used up and nothing is left inside.
     *
     * @param input backed by an array
     * @param output direct
     * @throws LayerFault if the input is not of this form
     */
    void run(ByteBuffer input, ByteBuffer output) throws LayerFault;

    /** Whether the input may end here. */
    boolean atEnd();

    @Override
    void close();
}
