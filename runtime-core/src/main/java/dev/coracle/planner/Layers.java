package dev.coracle.planner;

import java.util.List;

/**
 * What a container's root is put together from.
 *
 * @param directory absolute path, in which all layers lie
 * @param names of the layers' directories in it, the topmost first; short, without a colon
 * @param upper absolute path of the writable layer
 * @param work absolute path of the overlay's work directory, on the same file system
 */
public record Layers(String directory, List<String> names, String upper, String work) {
    public Layers {
        names = List.copyOf(names);
    }
}
