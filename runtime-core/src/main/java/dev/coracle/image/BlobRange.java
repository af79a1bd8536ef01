package dev.coracle.image;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One stretch of a blob on its way into a buffer, while another thread takes out what is there already. A virtual thread sees to it: it
 * asks, and asks again when a connection breaks. The fields that several threads touch belong to this object's monitor.
 */
final class BlobRange {
    private final ByteBuffer buffer;
    private final BlobStream in;
    private final int length;
    private final Thread thread;
    private int filled;
    private int taken;
    private @Nullable Throwable failure;

    /** Begins to fetch {@code length} bytes of {@code in}, which is this object's from now on. */
    BlobRange(BlobStream in, int length, ByteBuffer buffer) {
        this.in = in;
        this.length = length;
        this.buffer = buffer;
        this.thread = Thread.ofVirtual().name("image-range").start(this::fetch);
    }

    boolean isUsedUp() {
        return taken == length;
    }

    /** Waits for bytes, and says how many were taken: at least one. By the reading thread only. */
    int take(byte[] target, int start, int most) throws IOException {
        int step = Math.min(most, awaitMore() - taken);
        buffer.get(taken, target, start, step);
        taken += step;
        return step;
    }

    /** Sees to it that nothing more is written to the buffer, and gives it back. */
    ByteBuffer end() {
        if (!isUsedUp()) {
            thread.interrupt();
            Uninterruptibles.joinUninterruptibly(thread);
        }
        return buffer;
    }

    void blame() {
        in.blame();
    }

    private synchronized int awaitMore() throws IOException {
        try {
            while (filled == taken && failure == null) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the pull was stopped").initCause(e);
        }
        if (filled > taken) {
            return filled;
        }
        switch (failure) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> throw new IOException(failure);
        }
    }

    private void fetch() {
        try (in) {
            in.fill(buffer.slice(0, length), this::grew);
            in.finish();
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private synchronized void grew(int step) {
        filled += step;
        notifyAll();
    }

    private synchronized void fail(Throwable e) {
        failure = e;
        notifyAll();
    }
}
