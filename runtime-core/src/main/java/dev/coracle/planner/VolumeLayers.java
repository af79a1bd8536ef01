package dev.coracle.planner;

import java.util.List;

/**
 * An image that is to be a volume.
 *
 * @param directory absolute path, in which all layers lie
 * @param names of the layers' directories in it, the topmost first; short, without a colon
 */
public record VolumeLayers(String directory, List<String> names) {
    /** Beside the layers lies an empty directory, under this name. */
    private static final String NOTHING = "_";

    public VolumeLayers {
        names = List.copyOf(names);
    }

    /** The same on top of nothing, where it is one layer: an overlay, which can have a label of its own, takes two. */
    VolumeLayers stackable() {
        return names.size() == 1 && !names.contains(NOTHING)
                ? new VolumeLayers(directory, List.of(names.getFirst(), NOTHING))
                : this;
    }
}
