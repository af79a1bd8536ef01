package dev.coracle.image;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The direct memory that stretches of large blobs travel in, for all pulls together: so many buffers and no more, made when they are
 * needed first. Safe for any thread.
 */
final class RangeBuffers {
    private final int bytes;
    private final Deque<ByteBuffer> spare = new ArrayDeque<>();
    private int unmade;

    /**
     * @param count at least 1
     * @param bytes of each
     */
    RangeBuffers(int count, int bytes) {
        this.unmade = count;
        this.bytes = bytes;
    }

    /** How long a stretch may be. */
    int rangeBytes() {
        return bytes;
    }

    /** A cleared buffer; waits for one. */
    synchronized ByteBuffer take() throws InterruptedException {
        while (true) {
            Optional<ByteBuffer> buffer = poll();
            if (buffer.isPresent()) {
                return buffer.get();
            }
            wait();
        }
    }

    /** A cleared buffer, if one is free at the moment. */
    synchronized Optional<ByteBuffer> poll() {
        ByteBuffer kept = spare.poll();
        if (kept != null) {
            return Optional.of(kept.clear());
        }
        if (unmade == 0) {
            return Optional.empty();
        }
        unmade--;
        return Optional.of(ByteBuffer.allocateDirect(bytes));
    }

    /** Gives a buffer back that nobody writes to any more. */
    synchronized void give(ByteBuffer buffer) {
        spare.push(buffer);
        notifyAll();
    }
}
