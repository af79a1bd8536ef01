package dev.coracle.pod;

import dev.coracle.shim.Session.Output;
import dev.coracle.shim.Session.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Collects what a command writes, up to the limit for both streams; the rest is dropped. A little of it is kept in the heap, as nearly every
 * command writes little; more than that outside the heap, and only as many commands at once as {@link #LARGE} lets. Confined to one
 * thread until it is done.
 */
final class ExecOutput {
    /** A kubelet takes messages of 16 MiB, and so much is left around the streams. */
    static final int LIMIT = (16 << 20) - 1024;

    private static final int SMALL = 64 << 10;
    private static final int CHUNK = 256 << 10;
    private static final Semaphore LARGE = new Semaphore(2);

    private final List<ByteBuffer> stdout = new ArrayList<>();
    private final List<ByteBuffer> stderr = new ArrayList<>();
    private int total;
    private boolean large;

    /** Takes what there is room for. Waits, while other commands have taken all the room for large output. */
    void add(Output output) throws InterruptedException {
        ByteBuffer bytes = output.bytes();
        List<ByteBuffer> chunks = output.stream() == Stream.STDOUT ? stdout : stderr;
        int room = Math.min(bytes.remaining(), LIMIT - total);
        if (room > 0 && total + room > SMALL && !large) {
            LARGE.acquire();
            large = true;
        }
        total += room;
        ByteBuffer left = bytes.slice(bytes.position(), room);
        while (left.hasRemaining()) {
            append(chunks, left);
        }
    }

    /** The last chunk is filled up first; each is written between its position and its capacity. */
    private void append(List<ByteBuffer> chunks, ByteBuffer left) {
        if (chunks.isEmpty() || !chunks.getLast().hasRemaining()) {
            chunks.add(large ? ByteBuffer.allocateDirect(CHUNK) : ByteBuffer.allocate(SMALL));
        }
        ByteBuffer chunk = chunks.getLast();
        int step = Math.min(left.remaining(), chunk.remaining());
        chunk.put(left.slice(left.position(), step));
        left.position(left.position() + step);
    }

    /** What there is; whoever gets it gives the room back. */
    ExecResult result(int exitCode) {
        return new ExecResult(read(stdout), read(stderr), exitCode, this::release);
    }

    private static List<ByteBuffer> read(List<ByteBuffer> written) {
        return written.stream().map(chunk -> chunk.duplicate().flip()).toList();
    }

    /** Gives the room back; doing it twice gives it once. */
    void release() {
        stdout.clear();
        stderr.clear();
        if (large) {
            large = false;
            LARGE.release();
        }
    }
}
