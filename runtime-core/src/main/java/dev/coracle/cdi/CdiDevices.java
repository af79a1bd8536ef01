package dev.coracle.cdi;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerSpec;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The devices of this node that are named by the Container Device Interface. Specification files are looked at when a device is asked
 * for, and read where they have changed: vendors' programs write them at any time. Immutable but for what was read last, in a
 * volatile field; any thread.
 */
public final class CdiDevices {
    /** Those that the specification names; a later one wins. */
    public static final List<Path> DIRECTORIES = List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));

    private final List<Path> directories;
    private volatile SpecIndex index = SpecIndex.EMPTY;

    /** {@code directories} in order of rising priority; they need not be there. */
    public CdiDevices(List<Path> directories) {
        this.directories = List.copyOf(directories);
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
        SpecIndex current = index.current(directories);
        index = current;
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

    private String missing(SpecIndex current, String name) {
        String reason = current.conflict(name)
                .orElseGet(() -> "no specification file in "
                        + String.join(
                                ", ", directories.stream().map(Path::toString).toList()) + " has it");
        String errors = current.errors().isEmpty() ? "" : "; not read: " + String.join("; ", current.errors());
        return "CDI device " + name + " cannot be resolved: " + reason + errors;
    }
}
