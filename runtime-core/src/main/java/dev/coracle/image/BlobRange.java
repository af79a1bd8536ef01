package dev.coracle.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * As much of a blob as one buffer holds, on its way into it, while another thread takes out what is there already. The fields that
 * several threads touch belong to this object's monitor.
 */
final class BlobRange {
    private final Stretch stretch;
    private final ByteBuffer buffer;
    private final int length;
    private int filled;
    private int taken;
    private long waited;
    private @Nullable Throwable failure;

    /** @param stretch brings the {@code length} bytes */
    BlobRange(Stretch stretch, ByteBuffer buffer, int length) {
        this.stretch = stretch;
        this.buffer = buffer;
        this.length = length;
    }

    Stretch stretch() {
        return stretch;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    int length() {
        return length;
    }

    /** How many bytes have come. */
    synchronized int filled() {
        return filled;
    }

    boolean isUsedUp() {
        return taken == length;
    }

    /** Nanoseconds that the reading thread has waited here. For that thread only. */
    long waited() {
        return waited;
    }

    /**
     * Waits for bytes, and says how many were taken. By the reading thread only.
     *
     * @param millis how long to wait at most, in which case none are taken; 0 for until some come
     */
    int take(byte[] target, int start, int most, long millis) throws IOException {
        int step = Math.min(most, awaitMore(millis) - taken);
        buffer.get(taken, target, start, step);
        taken += step;
        return step;
    }

    private synchronized int awaitMore(long millis) throws IOException {
        if (filled == taken && failure == null) {
            long since = System.nanoTime();
            await(millis);
            waited += System.nanoTime() - since;
        }
        if (filled > taken || failure == null) {
            return filled;
        }
        switch (failure) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IOException(failure);
        }
    }

    private synchronized void await(long millis) throws IOException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            while (filled == taken && failure == null && (millis == 0 || System.nanoTime() < until)) {
                wait(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the pull was stopped").initCause(e);
        }
    }

    /** Where the stretch puts the bytes. */
    ByteBuffer target() {
        return buffer.slice(0, length);
    }

    /** So many bytes more have come. */
    synchronized void grew(int step) {
        filled += step;
        notifyAll();
    }

    /** Nothing more comes. */
    synchronized void fail(Throwable e) {
        failure = e;
        notifyAll();
    }
}
