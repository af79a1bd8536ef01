package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which files of some directories anybody writes to, in their order, from when this is made. A cgroup's files can be watched like any. */
public final class WrittenFiles implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final WatchService watch;

    private WrittenFiles(WatchService watch) {
        this.watch = watch;
    }

    public static WrittenFiles in(List<Path> directories) {
        try {
            WatchService watch = directories.getFirst().getFileSystem().newWatchService();
            for (Path directory : directories) {
                directory.register(watch, StandardWatchEventKinds.ENTRY_MODIFY);
            }
            return new WrittenFiles(watch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Their names until this one has been written to, it included; what is written twice in a row may count once. */
    public List<String> until(String last) {
        List<String> names = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!names.contains(last)) {
            WatchKey key = next(end);
            if (key == null) {
                throw new IllegalStateException(last + " was not written, but " + names);
            }
            key.pollEvents().forEach(event -> names.add(String.valueOf(event.context())));
            key.reset();
        }
        return names;
    }

    private @org.jspecify.annotations.Nullable WatchKey next(long end) {
        try {
            return watch.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
