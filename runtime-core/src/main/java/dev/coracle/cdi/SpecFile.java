package dev.coracle.cdi;

import dev.coracle.spec.ContainerEdits;
import java.nio.file.Path;
import java.util.Map;

/**
 * One specification file.
 *
 * @param priority of its directory: the higher wins
 * @param kind {@code vendor/class}
 * @param edits for every container that gets any of the devices
 * @param devices by name, without the kind
 */
record SpecFile(Path path, int priority, String kind, ContainerEdits edits, Map<String, ContainerEdits> devices) {
    SpecFile {
        devices = Map.copyOf(devices);
    }
}
