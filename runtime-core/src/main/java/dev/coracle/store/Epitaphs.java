package dev.coracle.store;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Epitaphs on a disk. What is noted waits in a concurrent map for a thread of its own, which writes and syncs all of it once a second:
 * no call ever waits for the disk, and a power cut loses what happened in its last second.
 */
public final class Epitaphs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Epitaphs.class);

    private final StorePaths paths;
    private final Duration pause;
    private final Map<PodId, Optional<Epitaph>> pending = new ConcurrentHashMap<>();
    private final Semaphore noted = new Semaphore(0);
    private final Thread writing = Thread.ofPlatform().daemon().name("epitaphs").unstarted(this::write);

    /** {@code pause} is how long what is noted may wait for more. */
    public Epitaphs(StorePaths paths, Duration pause) {
        this.paths = paths;
        this.pause = pause;
    }

    /** Begins to write. */
    public void start() {
        try {
            Files.createDirectories(paths.past());
        } catch (IOException e) {
            throw new Exhausted("make " + paths.past(), String.valueOf(e.getMessage()), e);
        }
        writing.start();
    }

    /** This is what is to be remembered of a pod from now on. Any thread; does not wait. */
    public void note(Epitaph epitaph) {
        pending.put(epitaph.pod().id(), Optional.of(epitaph));
        noted.release();
    }

    /** Nothing is to be remembered of a pod. Any thread; does not wait. */
    public void forget(PodId pod) {
        pending.put(pod, Optional.empty());
        noted.release();
    }

    /** All that is remembered. What cannot be read is set aside and logged. */
    public List<Epitaph> read() {
        List<Epitaph> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.past())) {
            for (Path file : files) {
                if (file.getFileName().toString().matches("[0-9a-f]{64}")) {
                    readOne(file).ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            throw new CorruptRecord(paths.past().toString(), String.valueOf(e.getMessage()), e);
        }
        return found;
    }

    private static Optional<Epitaph> readOne(Path file) throws IOException {
        try {
            return RecordFile.read(file, RecordJson::epitaph);
        } catch (CorruptRecord e) {
            LOG.error("{}; it is set aside", e.getMessage());
            Files.move(file, file.resolveSibling(file.getFileName() + ".corrupt"));
            return Optional.empty();
        }
    }

    private void write() {
        try {
            while (true) {
                noted.acquire();
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                noted.drainPermits();
                writePending();
            }
        } catch (InterruptedException _) {
            writePending();
        }
    }

    private void writePending() {
        List<PodId> batch = List.copyOf(pending.keySet());
        for (PodId pod : batch) {
            Optional<Epitaph> epitaph = pending.get(pod);
            if (epitaph != null && writeOne(pod, epitaph)) {
                pending.remove(pod, epitaph); // unless something newer was noted meanwhile
            }
        }
        try {
            RecordFile.syncDirectory(paths.past());
        } catch (RuntimeFailure e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    private boolean writeOne(PodId pod, Optional<Epitaph> epitaph) {
        try {
            if (epitaph.isPresent()) {
                RecordFile.writeDurably(paths.epitaph(pod), epitaph.get(), RecordJson::write);
            } else {
                Files.deleteIfExists(paths.epitaph(pod));
            }
            return true;
        } catch (RuntimeFailure | IOException e) {
            LOG.warn("remember pod {}: {}; tried again with the next one", pod, e.getMessage());
            return false;
        }
    }

    /** Writes what waits, and ends. */
    @Override
    public void close() {
        writing.interrupt();
        try {
            writing.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
