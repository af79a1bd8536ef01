package dev.coracle.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an uncompressed layer as its reader takes them, hashed as they pass. Confined to the thread that unpacks.
 */
final class TarStream {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ChunkPipe pipe;
    private final MessageDigest hash;
    private final long limit;
    private ByteBuffer current = NOTHING;
    private @Nullable ByteBuffer borrowed;
    private long count;
    private boolean ended;

    /** @param limit bytes that the stream may have; more ends in {@link TooLarge} */
    TarStream(ChunkPipe pipe, MessageDigest hash, long limit) {
        this.pipe = pipe;
        this.hash = hash;
        this.limit = limit;
    }

    /** A limit on what an image may unpack to is reached. */
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        TooLarge(String message) {
            super(message);
        }
    }

    /** Fills {@code target}, or says false where the stream ended before its first byte. */
    boolean readFully(byte[] target) throws IOException {
        int done = 0;
        while (done < target.length) {
            if (!current.hasRemaining() && !refill()) {
                if (done == 0) {
                    return false;
                }
                throw new LayerFault("the tar stream ends in the middle of a header");
            }
            int step = Math.min(current.remaining(), target.length - done);
            current.get(target, done, step);
            done += step;
        }
        return true;
    }

    /**
     * The next bytes, at most {@code most} of them and at least one, as a direct buffer that is valid until the next call.
     *
     * @throws LayerFault if the stream has ended
     */
    ByteBuffer slice(long most) throws IOException {
        if (!current.hasRemaining() && !refill()) {
            throw new LayerFault("the tar stream ends in the middle of a file");
        }
        int length = (int) Math.min(current.remaining(), most);
        ByteBuffer slice = current.slice(current.position(), length);
        current.position(current.position() + length);
        return slice;
    }

    void skip(long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            left -= slice(left).remaining();
        }
    }

    /** Reads to the end, and answers the hash of all there was. */
    MessageDigest finish() throws IOException {
        boolean more = true;
        while (more) {
            more = refill();
        }
        return hash;
    }

    private boolean refill() throws IOException {
        if (ended) {
            return false;
        }
        // What the pipe says last, an end or a failure, it says once.
        ended = true;
        current = NOTHING;
        ByteBuffer next = pipe.next(borrowed);
        borrowed = next;
        if (next == null) {
            return false;
        }
        ended = false;
        count += next.remaining();
        if (count > limit) {
            throw new TooLarge("it unpacks to more than " + limit + " bytes");
        }
        hash.update(next.duplicate());
        current = next;
        return true;
    }
}
