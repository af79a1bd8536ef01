package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Denied;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A large blob in several stretches at once, each over a connection of its own: at most {@link #WINDOW} of them are under way or not read
 * yet, fewer where buffers are short. A registry that answers the first request for a stretch with the whole blob is taken at its word:
 * then that one stream is all. One that gives stretches no longer is asked for the rest in one piece. Confined to the thread that reads.
 */
final class BlobRanges extends BlobInput {
    static final int WINDOW = 4;

    private final Registry registry;
    private final Digest digest;
    private final long size;
    private final RangeBuffers buffers;
    /** In the order of the blob; the first one is being read. */
    private final Deque<BlobRange> ranges = new ArrayDeque<>();

    private @Nullable BlobStream whole;
    private @Nullable BlobRange latest;
    private long asked;
    private long done;
    private boolean open;

    /** @param size what the manifest says; more is not asked for */
    BlobRanges(Registry registry, Digest digest, long size, RangeBuffers buffers) {
        this.registry = registry;
        this.digest = digest;
        this.size = size;
        this.buffers = buffers;
    }

    /** Whether a blob is worth more than one request. */
    static boolean isFor(long size, RangeBuffers buffers) {
        return size > 2L * buffers.rangeBytes();
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        if (!open) {
            open();
            open = true;
        }
        if (whole != null) {
            return whole.read(target, start, length);
        }
        if (!ranges.isEmpty() && ranges.getFirst().isUsedUp()) {
            end(ranges.removeFirst());
        }
        askForMore();
        return ranges.isEmpty() ? -1 : take(ranges.getFirst(), target, start, length);
    }

    private int take(BlobRange range, byte[] target, int start, int length) throws IOException {
        try {
            int step = range.take(target, start, length);
            done += step;
            return step;
        } catch (RuntimeFailure e) {
            if (!isRefusal(e)) {
                throw e;
            }
        }
        close();
        BlobStream rest = new BlobStream(registry, digest, new Span(done, Span.OPEN));
        whole = rest;
        return rest.read(target, start, length);
    }

    /** A server answered, and what it says may be true of stretches only. */
    private static boolean isRefusal(RuntimeFailure failure) {
        return switch (failure) {
            case Denied denied -> !denied.unauthenticated();
            case PullFailed failed -> failed.getCause() instanceof HostFailure reason && reason.answered();
            default -> false;
        };
    }

    @Override
    void blame() {
        if (whole != null) {
            whole.blame();
        } else if (latest != null) {
            latest.blame();
        }
    }

    @Override
    public void close() throws IOException {
        if (whole != null) {
            whole.close();
        }
        while (!ranges.isEmpty()) {
            end(ranges.removeFirst());
        }
    }

    private void end(BlobRange range) {
        latest = range;
        buffers.give(range.end());
    }

    private void open() throws IOException {
        ByteBuffer buffer = takeBuffer();
        boolean used = false;
        try {
            Span first = new Span(0, buffers.rangeBytes());
            Registry.Opened opened = registry.blob(digest, first);
            if (opened.partial()) {
                begin(new BlobStream(registry, digest, first, opened), first, buffer);
                used = true;
            } else {
                whole = new BlobStream(registry, digest, Span.WHOLE, opened);
            }
        } finally {
            if (!used) {
                buffers.give(buffer);
            }
        }
    }

    /** Waits for a buffer only where nothing else is under way: who holds one is never in the way of who has none. */
    private void askForMore() throws IOException {
        while (asked < size && ranges.size() < WINDOW) {
            Optional<ByteBuffer> buffer = ranges.isEmpty() ? Optional.of(takeBuffer()) : buffers.poll();
            if (buffer.isEmpty()) {
                return;
            }
            Span span = new Span(asked, Math.min(size, asked + buffers.rangeBytes()));
            begin(new BlobStream(registry, digest, span), span, buffer.get());
        }
    }

    private void begin(BlobStream in, Span span, ByteBuffer buffer) {
        ranges.addLast(new BlobRange(in, (int) (span.to() - span.from()), buffer));
        asked = span.to();
    }

    private ByteBuffer takeBuffer() throws IOException {
        try {
            return buffers.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the pull was stopped").initCause(e);
        }
    }
}
