package dev.coracle.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a blob as one stream, whatever happens to the connections that bring it: one that breaks or stalls is replaced by
 * another, which goes on where it ended, at the next server first. Confined to the thread that reads.
 */
final class BlobStream extends BlobInput {
    private static final int TRIES = 5;
    /** So much headway between two failures makes the earlier ones forgotten. */
    private static final long HEADWAY = 1 << 20;

    private final Registry registry;
    private final Digest digest;
    private final long end;
    private Registry.@Nullable Opened opened;
    private volatile @Nullable RegistryServer source;
    private long offset;
    private long lastFailure;
    private int failures;

    BlobStream(Registry registry, Digest digest, Span span) {
        this.registry = registry;
        this.digest = digest;
        this.offset = span.from();
        this.end = span.to();
    }

    /** @param opened the span's bytes, on their way already */
    BlobStream(Registry registry, Digest digest, Span span, Registry.Opened opened) {
        this(registry, digest, span);
        this.opened = opened;
        this.source = opened.server();
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        if (offset == end) {
            return -1;
        }
        while (true) {
            Registry.Opened from = open();
            try {
                int done = from.stream().read(target, start, (int) Math.min(length, end - offset));
                if (done < 0 && end != Span.OPEN) {
                    throw early();
                }
                offset += Math.max(0, done);
                return done;
            } catch (IOException e) {
                give(from, e);
            }
        }
    }

    /**
     * Waits until the target is full, which may hold no more than is left of the span.
     *
     * @param came told how many bytes each piece has that is there now, on any thread, one after the other
     */
    void fill(ByteBuffer target, IntConsumer came) throws IOException {
        while (target.hasRemaining()) {
            Registry.Opened from = open();
            long base = offset - target.position();
            IOException failure = null;
            try {
                from.stream().fill(target, came);
            } catch (IOException e) {
                failure = e;
            }
            offset = base + target.position();
            if (target.hasRemaining()) {
                give(from, failure != null ? failure : early());
            }
        }
    }

    private IOException early() {
        return new IOException("the stream ended after " + offset + " of " + end + " bytes");
    }

    @Override
    void blame() {
        RegistryServer from = source;
        if (from != null) {
            registry.demote(from);
        }
    }

    /** Once all is read: sees the answer to its end, so that its connection can be used again. */
    void finish() {
        try {
            if (opened != null && opened.partial()) {
                opened.stream().readNBytes(1);
            }
        } catch (IOException e) {
            // Then it is not.
        }
    }

    @Override
    public void close() throws IOException {
        if (opened != null) {
            opened.stream().close();
            opened = null;
        }
    }

    private Registry.Opened open() throws IOException {
        Registry.Opened current = opened;
        if (current == null) {
            current = registry.blob(digest, new Span(offset, end));
            opened = current;
            source = current.server();
        }
        return current;
    }

    private void give(Registry.Opened broken, IOException failure) throws IOException {
        if (Thread.currentThread().isInterrupted() || failure instanceof InterruptedIOException) {
            throw failure;
        }
        registry.demote(broken.server());
        close();
        failures = offset - lastFailure >= HEADWAY ? 1 : failures + 1;
        lastFailure = offset;
        if (failures >= TRIES) {
            throw new HostFailure(broken.server().host(), failure);
        }
    }
}
