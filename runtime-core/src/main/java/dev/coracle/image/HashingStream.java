package dev.coracle.image;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** Hashes and counts what passes through. Confined to one thread; closing it closes nothing. */
final class HashingStream extends OutputStream {
    private static final Digest ANY = Digest.sha256(new byte[0]);

    private final OutputStream to;
    private final MessageDigest hash = ANY.newHash();
    private long count;

    HashingStream(OutputStream to) {
        this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        hash.update(bytes, offset, length);
        count += length;
        to.write(bytes, offset, length);
    }

    /** What all that has passed is; nothing may pass after it. */
    Descriptor finish(String mediaType) {
        return new Descriptor(mediaType, ANY.sameAlgorithm(hash), count, Optional.empty());
    }
}
