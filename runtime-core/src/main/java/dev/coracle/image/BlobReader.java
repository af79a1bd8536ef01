package dev.coracle.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The first half of a layer's way: reads its blob, hashes and decompresses it, and fills the pipe. The pipe ends well only if size
 * and digest are what the manifest says. Confined to the thread that fetches.
 */
final class BlobReader {
    static final int BUFFER_BYTES = 64 << 10;

    private final InputStream in;
    private final Descriptor blob;
    private final ChunkPipe pipe;
    private final MessageDigest hash;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private long count;
    private @Nullable LayerFault fault;

    BlobReader(InputStream in, Descriptor blob, ChunkPipe pipe) {
        this.in = in;
        this.blob = blob;
        this.pipe = pipe;
        this.hash = blob.digest().newHash();
    }

    /** Reads to the end, and closes the stream. Whatever goes wrong goes into the pipe. */
    void run() {
        Throwable failure = null;
        try (in) {
            read();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            pipe.end(failure);
        }
    }

    private void read() throws IOException, InterruptedException {
        int start = in.readNBytes(buffer, 0, Decompressor.MAGIC_BYTES);
        try (Decompressor decompressor = Decompressor.forBlob(buffer, start)) {
            ByteBuffer out = pipe.blank();
            for (int length = start; length > 0; length = in.read(buffer)) {
                take(length);
                out = decompress(decompressor, ByteBuffer.wrap(buffer, 0, length), out);
            }
            pipe.put(out);
            verify();
            if (fault != null) {
                throw fault;
            }
            if (!decompressor.atEnd()) {
                throw new LayerFault("its compressed stream ends too early");
            }
        }
    }

    /**
     * A damaged stream is read on to its end, but only hashed: whether the image or the registry is at fault shows in the
     * digest.
     */
    private ByteBuffer decompress(Decompressor decompressor, ByteBuffer input, ByteBuffer output)
            throws InterruptedException {
        if (fault != null) {
            return output;
        }
        ByteBuffer out = output;
        try {
            decompressor.run(input, out);
            while (!out.hasRemaining()) {
                pipe.put(out);
                out = pipe.blank();
                decompressor.run(input, out);
            }
        } catch (LayerFault e) {
            fault = e;
        }
        return out;
    }

    private void take(int length) throws BadBlob {
        count += length;
        if (count > blob.size()) {
            throw new BadBlob("the registry sends more than the " + blob.size() + " bytes that the manifest says");
        }
        hash.update(buffer, 0, length);
    }

    private void verify() throws BadBlob {
        if (count != blob.size()) {
            throw new BadBlob("the registry sent " + count + " bytes, the manifest says " + blob.size());
        }
        Digest found = blob.digest().sameAlgorithm(hash);
        if (!found.equals(blob.digest())) {
            throw new BadBlob("the registry sent content with digest " + found);
        }
    }
}
