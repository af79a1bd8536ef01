package dev.coracle.image;

import dev.coracle.linux.BufferMemory;
import dev.coracle.linux.SyscallException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The direct memory that blobs travel in, for all pulls together: so many buffers and no more, made when they are needed first. Safe for any
 * thread.
 */
final class PullBuffers {
    private final int bytes;
    private final Deque<ByteBuffer> spare = new ArrayDeque<>();
    private int unmade;

    /**
     * @param count at least 1
     * @param bytes of each
     */
    PullBuffers(int count, int bytes) {
        this.unmade = count;
        this.bytes = bytes;
    }

    /** Of each buffer. */
    int bytes() {
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

    /**
     * Gives the memory of buffers that are free back to the system; it comes again as they are filled.
     *
     * @throws SyscallException as madvise(2)
     */
    synchronized void release() throws SyscallException {
        for (ByteBuffer buffer : spare) {
            BufferMemory.release(buffer);
        }
    }

    /** Gives a buffer back that nobody writes to any more. */
    synchronized void give(ByteBuffer buffer) {
        spare.push(buffer);
        notifyAll();
    }
}
