package dev.coracle.cdi;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.linux.PathWatch;
import dev.coracle.linux.SyscallException;
import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerSpec;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of this node that are named by the Container Device Interface. Vendors' programs write specification files at any time: their
 * directories are watched, and read again where something has changed when a device is asked for. Any thread; what was read last is
 * guarded by its own monitor.
 */
public final class CdiDevices implements AutoCloseable {
    /** Those that the specification names; a later one wins. */
    public static final List<Path> DIRECTORIES = List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));

    private static final Logger LOG = LoggerFactory.getLogger(CdiDevices.class);

    private final List<Path> directories;
    private final Function<List<Path>, SpecIndex> reading;
    private SpecIndex index = SpecIndex.EMPTY;
    private @Nullable PathWatch watch;

    /** {@code directories} in order of rising priority; they need not be there. */
    public CdiDevices(List<Path> directories) {
        this(directories, SpecIndex::read);
    }

    CdiDevices(List<Path> directories, Function<List<Path>, SpecIndex> reading) {
        this.directories = List.copyOf(directories);
        this.reading = reading;
    }

    /** Reads what is there now, so that mistakes in it are in the log before somebody misses a device. */
    public void look() {
        var _ = current();
    }

    /**
     * What the devices that a container names come to: for each the edits of its file, once, and its own.
     *
     * @throws InvalidSpec naming the first device that cannot be found
     */
    public ContainerEdits edits(ContainerSpec spec) {
        List<DeviceName> names = DeviceName.of(spec);
        if (names.isEmpty()) {
            return ContainerEdits.NONE;
        }
        SpecIndex current = current();
        ContainerEdits edits = ContainerEdits.NONE;
        Set<Path> seen = new LinkedHashSet<>();
        for (DeviceName name : names) {
            SpecFile file = current.file(name.name())
                    .orElseThrow(() -> new InvalidSpec(name.field(), missing(current, name.name())));
            if (seen.add(file.path())) {
                edits = edits.plus(file.edits());
            }
            String device = name.name().substring(name.name().indexOf('=') + 1);
            edits = edits.plus(file.devices().getOrDefault(device, ContainerEdits.NONE));
        }
        return edits;
    }

    /** The watch is there before the reading begins: what is written meanwhile is read the next time. */
    private synchronized SpecIndex current() {
        if (watch == null || changed(watch)) {
            forget();
            watch = watch();
            SpecIndex before = index;
            index = reading.apply(directories);
            index.errors().stream()
                    .filter(error -> !before.errors().contains(error))
                    .forEach(error -> LOG.warn("read CDI specification {}", error));
        }
        return index;
    }

    /** Null where the kernel has none to give: then the directories are read at each request. */
    private @Nullable PathWatch watch() {
        try {
            return PathWatch.of(directories);
        } catch (SyscallException e) {
            LOG.debug("watch {}: {}", directories, e.getMessage());
            return null;
        }
    }

    private static boolean changed(PathWatch watch) {
        try {
            return watch.changed();
        } catch (SyscallException e) {
            LOG.debug("ask for changes of CDI specifications: {}", e.getMessage());
            return true;
        }
    }

    private void forget() {
        PathWatch old = watch;
        watch = null;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public synchronized void close() {
        forget();
    }

    private String missing(SpecIndex current, String name) {
        String reason = current.conflict(name)
                .orElseGet(() -> "no specification file in "
                        + String.join(
                                ", ", directories.stream().map(Path::toString).toList()) + " has it");
        String errors = current.errors().isEmpty() ? "" : "; not read: " + String.join("; ", current.errors());
        return "CDI device " + name + " cannot be resolved: " + reason + errors;
    }
}
