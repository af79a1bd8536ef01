package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.shim.Session.Output;
import dev.coracle.shim.Session.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Collects what a command writes, up to the limit for both streams; the rest is dropped. A little of it is kept in the heap, as nearly every
 * command writes little; more than that outside the heap, and only of as many commands at once as {@link #LARGE} lets, until
 * their answers have been read. Confined to one thread until it is done.
 */
final class ExecOutput {
    /** A kubelet takes messages of 16 MiB, and so much is left around the streams. */
    static final int LIMIT = (16 << 20) - 1024;

    private static final int SMALL = 64 << 10;
    private static final int CHUNK = 256 << 10;
    private static final int LARGE_AT_ONCE = 2;
    private static final Semaphore LARGE = new Semaphore(LARGE_AT_ONCE, true);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final List<ByteBuffer> stdout = new ArrayList<>();
    private final List<ByteBuffer> stderr = new ArrayList<>();
    private final BooleanSupplier unwanted;
    private final Duration patience;
    private int total;
    private boolean large;

    /**
     * @param unwanted nobody will read it, and nobody is to wait for it
     * @param patience how long room for large output may be waited for
     */
    ExecOutput(BooleanSupplier unwanted, Duration patience) {
        this.unwanted = unwanted;
        this.patience = patience;
    }

    /**
     * Takes what there is room for. Waits, while other commands have taken all the room for large output.
     *
     * @throws Exhausted if they keep it
     */
    void add(Output output) throws InterruptedException {
        ByteBuffer bytes = output.bytes();
        List<ByteBuffer> chunks = output.stream() == Stream.STDOUT ? stdout : stderr;
        int room = Math.min(bytes.remaining(), LIMIT - total);
        if (room > 0 && total + room > SMALL && !large) {
            large = awaitRoom();
            if (!large) {
                return;
            }
        }
        total += room;
        ByteBuffer left = bytes.slice(bytes.position(), room);
        while (left.hasRemaining()) {
            append(chunks, left);
        }
    }

    /** False: it is not wanted any more. */
    private boolean awaitRoom() throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!unwanted.getAsBoolean()) {
            if (LARGE.tryAcquire(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
            if (System.nanoTime() - end > 0) {
                throw new Exhausted(
                        "keep what a command printed",
                        "the output of " + LARGE_AT_ONCE + " others fills the room for more than " + (SMALL >> 10)
                                + " KiB and is not read; print less, or try again");
            }
        }
        return false;
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
