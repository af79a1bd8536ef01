package dev.coracle.image;

import dev.coracle.image.LayerView.Kind;
import dev.coracle.image.LayerView.Said;
import dev.coracle.linux.Fd;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What must lie on top of an image's layers so that they show together what they would show had each been unpacked over those
 * below it. Two things come out differently when layers are unpacked apart:
 *
 * <ul>
 *   <li>A directory that a layer has no entry for, but entries in, gets made-up attributes there, and overlay shows those. Where a
 *       lower layer has it with other ones, it goes on top with the right ones: /tmp keeps its mode.
 *   <li>A hard link to a file that only a lower layer has cannot be made in its own layer; it is made on top.
 * </ul>
 *
 * Confined to one platform thread: it makes blocking system calls.
 */
final class TopLayer {
    private static final int NOWHERE = -1;
    private static final int BLOCK = 4096;

    /** A file of a layer. */
    private record Located(LayerView layer, LayerPath path) {}

    private final List<LayerView> layers;
    /** Directories to make, each with the layer whose attributes it gets; a directory comes before what lies in it. */
    private final NavigableMap<LayerPath, Integer> directories = new TreeMap<>(Comparator.comparing(LayerPath::text));

    private final Map<LayerPath, Located> links = new TreeMap<>(Comparator.comparing(LayerPath::text));

    /** @param layers of an image, uppermost first */
    TopLayer(List<LayerView> layers) {
        this.layers = List.copyOf(layers);
    }

    /**
     * Finds out what has to be put on top, and says whether there is anything.
     *
     * @throws LayerFault if a hard link leads to a file that is nowhere
     */
    boolean plan() throws IOException {
        for (int i = 0; i < layers.size(); i++) {
            for (LayerPath path : layers.get(i).notes().implied()) {
                planDirectory(path, i);
            }
            for (LayerPath path : layers.get(i).notes().lowerLinks().keySet()) {
                planLink(path, i);
            }
        }
        List<LayerPath> wanted = new ArrayList<>(directories.keySet());
        wanted.addAll(links.keySet());
        for (LayerPath path : wanted) {
            for (LayerPath above = path.parent(); !above.isRoot(); above = above.parent()) {
                directories.putIfAbsent(above, directory(above, 0));
            }
        }
        return !wanted.isEmpty();
    }

    /** Makes what was planned in an empty directory. */
    LayerNotes make(Path target) throws IOException {
        Linux linux = new Linux(StandardCharsets.ISO_8859_1);
        int flags = Linux.O_RDONLY | Linux.O_DIRECTORY;
        try (Fd root = new Linux().openat(null, target.toString(), flags, 0)) {
            for (LayerPath path : directories.keySet()) {
                linux.mkdirat(root, path.text(), 0700);
            }
            for (Map.Entry<LayerPath, Located> link : links.entrySet()) {
                Located file = link.getValue();
                file.layer().linkInto(file.path(), root, link.getKey());
            }
            for (LayerPath path : directories.descendingKeySet()) {
                try (Fd made = linux.openat(root, path.text(), flags, 0)) {
                    copyAttributes(linux, path, made);
                }
            }
        }
        long inodes = 1L + directories.size();
        return new LayerNotes(inodes * BLOCK, inodes, false, false, Set.of(), Map.of());
    }

    private void copyAttributes(Linux linux, LayerPath path, Fd made) throws IOException {
        LayerView from = layers.get(directories.getOrDefault(path, 0));
        FileStat stat = from.stat(path);
        made.chown(stat.uid(), stat.gid());
        made.chmod(stat.permissions());
        for (Map.Entry<String, byte[]> xattr : from.xattrs(path).entrySet()) {
            linux.fsetxattr(made, xattr.getKey(), xattr.getValue());
        }
        linux.futimens(made, stat.modified());
    }

    private void planDirectory(LayerPath path, int layer) throws IOException {
        if (!isSeen(path, layer)) {
            return;
        }
        int given = directory(path, layer);
        if (given != layer && differs(layers.get(layer), layers.get(given), path)) {
            directories.put(path, given);
        }
    }

    private static boolean differs(LayerView a, LayerView b, LayerPath path) throws IOException {
        FileStat one = a.stat(path);
        FileStat other = b.stat(path);
        return one.mode() != other.mode()
                || one.uid() != other.uid()
                || one.gid() != other.gid()
                || !b.xattrs(path).isEmpty();
    }

    private void planLink(LayerPath path, int layer) throws IOException {
        if (!isSeen(path, layer)) {
            return;
        }
        LayerPath target = layers.get(layer).notes().lowerTarget(path);
        LayerView holder = LayerView.fileIn(layers.subList(layer + 1, layers.size()), target)
                .orElseThrow(
                        () -> new LayerFault("the hard link " + path + " leads to " + target + ", which no layer has"));
        links.put(path, new Located(holder, target));
    }

    /** Whether no layer above says anything of this path. */
    private boolean isSeen(LayerPath path, int layer) throws IOException {
        for (int above = 0; above < layer; above++) {
            Said said = layers.get(above).look(path);
            if (said.kind() != Kind.NOTHING || said.last()) {
                return false;
            }
        }
        return true;
    }

    /** The layer that a directory's attributes come from: the first that has an entry for it, else the first that has it. */
    private int directory(LayerPath path, int from) throws IOException {
        int implied = NOWHERE;
        for (int i = from; i < layers.size(); i++) {
            Said said = layers.get(i).look(path);
            if (said.kind() == Kind.DIRECTORY) {
                return i;
            }
            if (said.kind() == Kind.IMPLIED && implied == NOWHERE) {
                implied = i;
            }
            if (said.last()) {
                break;
            }
        }
        return implied;
    }
}
