package dev.coracle.planner;

import java.util.List;

/**
 * An image that is to be a volume.
 *
 * @param directory absolute path, in which all layers lie
 * @param names of the layers' directories in it, the topmost first; short, without a colon
 */
public record VolumeLayers(String directory, List<String> names) {
    public VolumeLayers {
        names = List.copyOf(names);
    }
}
