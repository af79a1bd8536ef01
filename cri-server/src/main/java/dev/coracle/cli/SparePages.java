package dev.coracle.cli;

import dev.coracle.linux.MappedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Lets go of pages of the AOT cache that nobody needs now: the JVM looks at every class in it when it begins, and at few of them again.
 * They stay in the page cache, where the kernel can have them. Belongs to a thread of its own.
 */
final class SparePages implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("dev.coracle.daemon");

    private static final Duration EVERY = Duration.ofMinutes(1);

    private final Thread thread;

    private SparePages(Thread thread) {
        this.thread = thread;
    }

    /** First after {@code start}, then every minute: what was needed in between costs some 300 page faults, about 0.5 ms. */
    static SparePages release(Path cache, Duration start) {
        return new SparePages(Thread.ofVirtual().name("spare pages").start(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(start.toNanos());
                while (true) {
                    long released = MappedFile.release(cache);
                    LOG.fine(() -> "released " + released + " bytes of " + cache);
                    TimeUnit.NANOSECONDS.sleep(EVERY.toNanos());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                LOG.log(Level.FINE, e, () -> "release " + cache + " failed");
            }
        }));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
