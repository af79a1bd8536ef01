package dev.coracle.cli;

import dev.coracle.image.Pulls;
import dev.coracle.linux.MappedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Lets go of pages of the AOT cache and of the JVM's own library that nobody needs now: the JVM looks at every class when it begins, and
 * much of itself it runs only then. They stay in the page cache, where the kernel can have them. And of buffers that wait for the next pull,
 * up to 52 MiB after large layers. Belongs to a thread of its own.
 */
final class SparePages implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("dev.coracle.daemon");

    private static final Duration EVERY = Duration.ofMinutes(1);

    private final Thread thread;

    private SparePages(Thread thread) {
        this.thread = thread;
    }

    /** First after {@code start}, then every minute: what was needed in between costs some 500 page faults, about a millisecond. */
    static SparePages release(Set<Path> files, Pulls pulls, Duration start) {
        return new SparePages(Thread.ofVirtual().name("spare pages").start(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(start.toNanos());
                while (true) {
                    pulls.releaseSpare();
                    long released = MappedFile.release(files);
                    LOG.fine(() -> "released " + released + " bytes of " + files);
                    TimeUnit.NANOSECONDS.sleep(EVERY.toNanos());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                LOG.log(Level.FINE, e, () -> "release " + files + " failed");
            }
        }));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
