package dev.coracle.store;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers that containers write into. A discarded one is out of the way at once; a thread of its own deletes it, because a
 * container may leave millions of files. Otherwise free of shared state: each layer belongs to its container's calls.
 */
public final class WritableLayers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WritableLayers.class);
    private static final Set<PosixFilePermission> ROOT_MODE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final StorePaths paths;
    private final BlockingQueue<Path> discarded = new LinkedBlockingQueue<>();
    private final Thread deleting = Thread.ofPlatform().daemon().name("discard").unstarted(this::delete);

    public WritableLayers(StorePaths paths) {
        this.paths = paths;
    }

    /** Begins to delete, first what an earlier daemon had discarded. */
    public void start() {
        makePrivate(paths.writable());
        makePrivate(paths.discarded());
        for (Path old : entries(paths.discarded())) {
            discarded.add(old);
        }
        deleting.start();
    }

    /** Makes an empty layer. Whoever can take the lock that its {@code lock} leads to knows that no shim uses it any more. */
    public void make(ContainerId container, PodId pod) {
        try {
            Files.createDirectory(paths.writable(container), PRIVATE);
            Files.createDirectory(paths.upper(container));
            Files.setPosixFilePermissions(paths.upper(container), ROOT_MODE); // whatever the umask is
            Files.createDirectory(paths.work(container), PRIVATE);
            Files.createSymbolicLink(paths.writableLock(container), paths.podLock(pod));
        } catch (IOException e) {
            throw new Exhausted("make layer of " + container, String.valueOf(e.getMessage()), e);
        }
    }

    /** Takes a layer away. None of that name is no failure. */
    public void discard(ContainerId container) {
        Path away = paths.discarded().resolve(container.value());
        try {
            Files.move(paths.writable(container), away, StandardCopyOption.ATOMIC_MOVE);
            discarded.add(away);
        } catch (NoSuchFileException _) {
            LOG.debug("no writable layer of {}", container);
        } catch (IOException e) {
            throw new Exhausted("discard layer of " + container, String.valueOf(e.getMessage()), e);
        }
    }

    /** Every layer there is, whoever made it. */
    public List<ContainerId> all() {
        return entries(paths.writable()).stream()
                .map(entry -> entry.getFileName().toString())
                .filter(name -> name.matches("[0-9a-f]{64}"))
                .map(ContainerId::new)
                .toList();
    }

    /** The file that a layer's user holds a lock on; empty if it is gone, as it is after a reboot. */
    public Optional<Path> lock(ContainerId container) {
        try {
            Path file = Files.readSymbolicLink(paths.writableLock(container));
            return Files.exists(file) ? Optional.of(file) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private void delete() {
        try {
            while (true) {
                Path tree = discarded.take();
                try {
                    TreeRemoval.delete(tree);
                } catch (IOException e) {
                    LOG.warn("delete {}: {}; the next start tries again", tree, e.getMessage());
                }
            }
        } catch (InterruptedException _) {
            LOG.debug("what is still discarded goes with the next start");
        }
    }

    /** Stops deleting; the next start goes on with it. */
    @Override
    public void close() {
        deleting.interrupt();
    }

    private static void makePrivate(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PRIVATE.value()); // also where it was there already
        } catch (IOException e) {
            throw new Exhausted("make " + directory, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<Path> entries(Path directory) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(found::add);
        } catch (IOException e) {
            throw new Exhausted("read " + directory, String.valueOf(e.getMessage()), e);
        }
        return found;
    }
}
