package dev.coracle.image;

import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The paths of a layer that can be completed only when the layers below it are known: directories that it has no entry for, and hard
 * links to files of lower layers. Confined to the thread that unpacks.
 */
final class PathNotes {
    private static final Comparator<LayerPath> BY_TEXT = Comparator.comparing(LayerPath::text);

    private final long most;
    private final NavigableSet<LayerPath> implied = new TreeSet<>(BY_TEXT);
    private final NavigableMap<LayerPath, LayerPath> lowerLinks = new TreeMap<>(BY_TEXT);

    /** {@code most} of both together. */
    PathNotes(long most) {
        this.most = most;
    }

    void imply(LayerPath directory) throws TarStream.TooLarge {
        implied.add(directory);
        check();
    }

    /** The directory has got an entry. */
    void given(LayerPath directory) {
        implied.remove(directory);
    }

    void link(LayerPath path, LayerPath existing) throws TarStream.TooLarge {
        lowerLinks.put(path, existing);
        check();
    }

    /** What had this name is replaced. */
    void forgetLink(LayerPath path) {
        lowerLinks.remove(path);
    }

    /** A directory was taken away, with all below it. */
    void forgetTree(LayerPath directory) {
        // '0' comes after '/', and nothing lies between
        LayerPath first = new LayerPath(directory.text() + "/");
        LayerPath end = new LayerPath(directory.text() + "0");
        implied.remove(directory);
        implied.subSet(first, end).clear();
        lowerLinks.subMap(first, end).clear();
    }

    Set<LayerPath> implied() {
        return implied;
    }

    Map<LayerPath, LayerPath> lowerLinks() {
        return lowerLinks;
    }

    private void check() throws TarStream.TooLarge {
        if (implied.size() + lowerLinks.size() > most) {
            throw new TarStream.TooLarge("it has more than " + most
                    + " directories without an entry of their own, or hard links to lower layers");
        }
    }
}
