package dev.coracle.image;

import dev.coracle.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends transfers that make no headway: one that brings less than {@link #LEAST_BYTES} in {@code patience} is closed under its
 * reader, who gets an IOException. So neither a dead connection nor one that drips holds a pull for ever. One thread of its
 * own looks at all transfers; safe for any thread.
 */
final class StallTimer implements AutoCloseable {
    static final int LEAST_BYTES = 4096;

    private final Duration patience;
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    StallTimer(Duration patience) {
        this.patience = patience;
        this.thread = Thread.ofPlatform().name("image-stall").daemon().start(this::run);
    }

    Duration patience() {
        return patience;
    }

    /** The same content, under watch until it is closed. */
    Content watch(Content in) {
        Watched stream = new Watched(in);
        watched.add(stream);
        return stream;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(patience.dividedBy(4));
                watched.forEach(Watched::look);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Only time spent waiting for bytes counts: a reader that is busy elsewhere is no stall. */
    private final class Watched extends Content {
        private static final long NOT_READING = -1;

        private final Content in;
        private long readingSince = NOT_READING;
        private long waited;
        private long count;
        private boolean stalled;

        Watched(Content in) {
            this.in = in;
        }

        /** On the timer's thread. */
        void look() {
            synchronized (this) {
                long waiting = readingSince == NOT_READING ? 0 : System.nanoTime() - readingSince;
                stalled = stalled || waited + waiting > patience.toNanos();
                if (!stalled) {
                    return;
                }
            }
            closeQuietly();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            enter();
            int done = 0;
            try {
                done = in.read(target, offset, length);
            } catch (IOException e) {
                throw isStalled() ? stall(e) : e;
            } finally {
                leave(done);
            }
            if (done < 0 && isStalled()) {
                throw stall(null);
            }
            return done;
        }

        @Override
        public void fill(ByteBuffer target, IntConsumer came) throws IOException {
            enter();
            try {
                in.fill(target, step -> {
                    advance(step);
                    came.accept(step);
                });
            } catch (IOException e) {
                throw isStalled() ? stall(e) : e;
            } finally {
                leave(0);
            }
            if (target.hasRemaining() && isStalled()) {
                throw stall(null);
            }
        }

        private synchronized void enter() {
            readingSince = System.nanoTime();
        }

        private synchronized void leave(int done) {
            waited += System.nanoTime() - readingSince;
            readingSince = NOT_READING;
            advance(Math.max(0, done));
        }

        private synchronized void advance(int step) {
            count += step;
            if (count >= LEAST_BYTES) {
                count = 0;
                waited = 0;
                readingSince = readingSince == NOT_READING ? NOT_READING : System.nanoTime();
            }
        }

        private synchronized boolean isStalled() {
            return stalled;
        }

        @Override
        public void close() throws IOException {
            watched.remove(this);
            in.close();
        }

        private IOException stall(@Nullable IOException cause) {
            return new IOException(
                    "less than " + LEAST_BYTES + " bytes came in " + patience.toSeconds() + " seconds", cause);
        }

        private void closeQuietly() {
            try {
                close();
            } catch (IOException e) {
                // Its reader learns of it.
                watched.remove(this);
            }
        }
    }
}
