package dev.coracle.image;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive ranges of a blob that come in one answer, each in a buffer of its own. A virtual thread sees to it: it asks, asks again
 * when a connection breaks, and waits where no buffer is there, while the server waits, too. All methods are for the reading thread.
 */
final class Stretch {
    private final BlobStream in;
    private final long length;
    private final BlockingQueue<BlobRange> given = new LinkedBlockingQueue<>();
    private final Thread thread;
    private long ungiven;

    /** Begins to fetch {@code length} bytes of {@code in}, which is this object's from now on. */
    Stretch(BlobStream in, long length) {
        this.in = in;
        this.length = length;
        this.ungiven = length;
        this.thread = Thread.ofVirtual().name("image-range").start(this::fetch);
    }

    /** Every byte has its place: it takes no further buffer. */
    boolean isGiven() {
        return ungiven == 0;
    }

    /** The next range, in a cleared buffer, which nobody else may touch until that range is used up or the stretch is stopped. */
    BlobRange give(ByteBuffer buffer) {
        BlobRange range = new BlobRange(this, buffer, (int) Math.min(buffer.capacity(), ungiven));
        ungiven -= range.length();
        given.add(range);
        return range;
    }

    /** Sees to it that nothing more is written to any buffer. */
    void stop() {
        thread.interrupt();
        Uninterruptibles.joinUninterruptibly(thread);
    }

    void blame() {
        in.blame();
    }

    private void fetch() {
        BlobRange range = null;
        try (in) {
            for (long left = length; left > 0; left -= range.length()) {
                range = given.take();
                in.fill(range.target(), range::grew);
            }
            in.finish();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            fail(range, e);
        }
    }

    private static void fail(@Nullable BlobRange range, Throwable cause) {
        if (range != null) {
            range.fail(cause);
        }
    }
}
