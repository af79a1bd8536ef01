package dev.coracle.image;

import java.util.Map;
import java.util.Set;

/**
 * What unpacking a layer found out beyond the files: what it costs, and what can be completed only when the layers below it are
 * known.
 *
 * @param bytes what its files take on disk, counted in blocks of 4 KiB
 * @param inodes what it takes of them
 * @param hidesAll its root is opaque: nothing of the layers below is seen
 * @param rootGiven it has an entry for the root directory
 * @param implied directories that it has no entry for, but entries in
 * @param lowerLinks hard links by their name, to the names of files that some layer below has
 */
record LayerNotes(
        long bytes,
        long inodes,
        boolean hidesAll,
        boolean rootGiven,
        Set<LayerPath> implied,
        Map<LayerPath, LayerPath> lowerLinks) {
    LayerNotes {
        implied = Set.copyOf(implied);
        lowerLinks = Map.copyOf(lowerLinks);
    }

    /** Where one of the links leads in the layers below: it may do so by way of others. */
    LayerPath lowerTarget(LayerPath link) {
        LayerPath target = link;
        for (int steps = 0; lowerLinks.containsKey(target) && steps <= lowerLinks.size(); steps++) {
            target = lowerLinks.getOrDefault(target, target);
        }
        return target;
    }
}
