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
 * A large blob in ranges: at most {@link #WINDOW} of them are under way or not read yet, fewer where buffers are short. They come side by
 * side, each over a connection of its own, or where one connection is fast enough one after the other in a {@link Stretch}. A registry
 * that answers the first request for a stretch with the whole blob is taken at its word: then that one stream is all. One that gives
 * stretches no longer is asked for the rest in one piece. Confined to the thread that reads.
 */
final class BlobRanges extends BlobInput {
    static final int WINDOW = 4;

    private final Registry registry;
    private final Digest digest;
    private final long size;
    private final PullBuffers buffers;
    private final Pace pace;
    /** In the order of the blob; the first one is being read. */
    private final Deque<BlobRange> ranges = new ArrayDeque<>();

    private @Nullable BlobStream whole;
    /** The last one that was asked for; the ones before it have all their buffers. */
    private @Nullable Stretch latest;

    private @Nullable Stretch lastRead;
    private long asked;
    private long done;
    private boolean open;

    /** @param size what the manifest says; more is not asked for */
    BlobRanges(Registry registry, Digest digest, long size, PullBuffers buffers, Pace pace) {
        this.registry = registry;
        this.digest = digest;
        this.size = size;
        this.buffers = buffers;
        this.pace = pace;
    }

    /** Whether a blob is worth more than one request. */
    static boolean isFor(long size, PullBuffers buffers) {
        return size > 2L * buffers.bytes();
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
        int step = 0;
        while (step == 0) {
            look();
            endUsed();
            askForMore();
            if (ranges.isEmpty()) {
                return -1;
            }
            step = take(ranges.getFirst(), target, start, length);
        }
        return step;
    }

    private void look() {
        if (pace.isUnknown()) {
            BlobRange first = ranges.getFirst();
            pace.look(first.filled(), first.length(), System.nanoTime());
        }
    }

    private void endUsed() {
        if (!ranges.isEmpty() && ranges.getFirst().isUsedUp()) {
            BlobRange range = ranges.removeFirst();
            pace.used(range.waited(), System.nanoTime());
            end(range);
        }
    }

    /** Says 0 where nothing comes for so long that others shall be asked. */
    private int take(BlobRange range, byte[] target, int start, int length) throws IOException {
        try {
            int step = range.take(target, start, length, pace.patienceMillis());
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
        } else if (lastRead != null) {
            lastRead.blame();
        }
    }

    @Override
    public void close() throws IOException {
        if (whole != null) {
            whole.close();
        }
        if (latest != null) {
            latest.stop();
        }
        while (!ranges.isEmpty()) {
            end(ranges.removeFirst());
        }
    }

    private void end(BlobRange range) {
        lastRead = range.stretch();
        if (!range.isUsedUp()) {
            range.stretch().stop();
        }
        buffers.give(range.buffer());
    }

    private void open() throws IOException {
        ByteBuffer buffer = takeBuffer();
        boolean used = false;
        try {
            Span first = new Span(0, buffers.bytes());
            Registry.Opened opened = registry.blob(digest, first);
            if (opened.partial()) {
                pace.begin(System.nanoTime());
                begin(new BlobStream(registry, digest, first, opened), first);
                give(buffer);
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
        while (!pace.isUnknown() && isMoreToGive() && ranges.size() < WINDOW) {
            Optional<ByteBuffer> buffer = ranges.isEmpty() ? Optional.of(takeBuffer()) : buffers.poll();
            if (buffer.isEmpty()) {
                return;
            }
            give(buffer.get());
        }
    }

    private boolean isMoreToGive() {
        return asked < size || (latest != null && !latest.isGiven());
    }

    private void give(ByteBuffer buffer) {
        Stretch stretch = latest;
        if (stretch == null || stretch.isGiven()) {
            long most = (long) pace.next() * buffers.bytes();
            Span span = new Span(asked, Math.min(size, asked + most));
            stretch = begin(new BlobStream(registry, digest, span), span);
        }
        ranges.addLast(stretch.give(buffer));
    }

    private Stretch begin(BlobStream in, Span span) {
        Stretch stretch = new Stretch(in, span.to() - span.from());
        asked = span.to();
        latest = stretch;
        return stretch;
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
