package dev.coracle.image;

import dev.coracle.store.TreeRemoval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes in the background what was moved into its directory. It waits while layers are being unpacked, at most {@link
 * #PATIENCE}: on ext4 without a journal, unpacking soon after a large delete is five times slower. Safe for any thread; one
 * thread of its own deletes.
 */
final class Trash implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Trash.class);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Path directory;
    private final AtomicInteger unpacking = new AtomicInteger();
    private final AtomicLong next = new AtomicLong();
    private final Thread thread;
    private final Object wake = new Object();
    private boolean filled;

    Trash(Path directory) {
        this.directory = directory;
        this.thread = Thread.ofPlatform().name("image-trash").daemon().unstarted(this::run);
    }

    /** Starts to delete, also what an earlier process left. */
    void start() {
        filled();
        thread.start();
    }

    /**
     * Moves a tree here; it is gone from its place at once. What is not there is no failure. A disk can be so full that nothing can
     * be moved: then it is deleted where it is.
     */
    void take(Path tree) throws IOException {
        try {
            Files.move(tree, directory.resolve(ProcessHandle.current().pid() + "-" + next.incrementAndGet()));
        } catch (NoSuchFileException e) {
            LOG.debug("already gone: {}", tree);
            return;
        } catch (FileSystemException e) {
            LOG.debug("delete it in its place: {}", tree, e);
            TreeRemoval.delete(tree);
            return;
        }
        filled();
    }

    /** Until {@link #unpackingEnds}, deleting waits. */
    void unpackingStarts() {
        unpacking.incrementAndGet();
    }

    void unpackingEnds() {
        unpacking.decrementAndGet();
    }

    /** What was not deleted yet is deleted by the next process. */
    @Override
    public void close() {
        thread.interrupt();
    }

    private void filled() {
        synchronized (wake) {
            filled = true;
            wake.notifyAll();
        }
    }

    private void run() {
        try {
            while (true) {
                synchronized (wake) {
                    while (!filled) {
                        wake.wait();
                    }
                    filled = false;
                }
                awaitQuiet();
                empty();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitQuiet() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (unpacking.get() > 0 && System.nanoTime() < end) {
            Thread.sleep(PAUSE);
        }
    }

    private void empty() {
        try (DirectoryStream<Path> trees = Files.newDirectoryStream(directory)) {
            for (Path tree : trees) {
                delete(tree);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("delete what is in {}: {}", directory, e.toString());
        }
    }

    private static void delete(Path tree) {
        try {
            TreeRemoval.delete(tree);
        } catch (IOException e) {
            LOG.warn("delete {}: {}", tree, e.toString());
        }
    }
}
