package dev.coracle.image;

import dev.coracle.image.TarEntry.Extent;
import dev.coracle.linux.Fd;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes the tar stream of a layer anew from what it was unpacked to: whiteouts and opaque directories in the form of the OCI image
 * specification, no entry for a directory that the layer only implied, hard links to lower layers as such. Entries come by name, so that
 * the same files always make the same bytes; they are not those that the registry had. Confined to one platform thread.
 */
final class LayerTar {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int BLOCK = 512;

    private final LayerView layer;
    private final List<LayerView> below;
    private final OutputStream out;
    private final TarWriter tar;
    private final Linux linux = new Linux(StandardCharsets.ISO_8859_1);
    private final Map<Long, LayerPath> linked = new HashMap<>();
    private final ByteBuffer read = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final byte[] bytes = new byte[BUFFER_BYTES];

    private LayerTar(LayerView layer, List<LayerView> below, OutputStream out) {
        this.layer = layer;
        this.below = below;
        this.out = out;
        this.tar = new TarWriter(out);
    }

    /** @param below the layers under it, uppermost first: what its hard links may lead to */
    static void write(LayerView layer, List<LayerView> below, OutputStream out) throws IOException {
        new LayerTar(layer, below, out).write();
    }

    private void write() throws IOException {
        if (layer.notes().rootGiven()) {
            tar.put(entry(TarEntry.Type.DIRECTORY, "./", "", layer, LayerPath.ROOT));
        }
        lowerLinks();
        if (layer.notes().hidesAll()) {
            marker(LayerPath.ROOT.child(OPAQUE));
        }
        Deque<LayerPath> left = new ArrayDeque<>();
        pushChildren(LayerPath.ROOT, left);
        while (!left.isEmpty()) {
            LayerPath path = left.pop();
            FileStat stat = layer.stat(path);
            if (stat.isDirectory()) {
                directory(path);
                pushChildren(path, left);
            } else {
                other(path, stat);
            }
        }
        tar.end();
    }

    /** So that the first by name is popped first. */
    private void pushChildren(LayerPath directory, Deque<LayerPath> left) throws IOException {
        try (Fd opened = layer.open(directory, Linux.O_DIRECTORY)) {
            linux.names(opened).stream()
                    .sorted((a, b) -> b.compareTo(a))
                    .forEach(name -> left.push(directory.child(name)));
        }
    }

    /**
     * Before all that this layer has: it may hide or replace what they lead to. Only the directories that they lie in come first, and once
     * more in their place.
     */
    private void lowerLinks() throws IOException {
        Map<LayerPath, LayerPath> links = new TreeMap<>((a, b) -> a.text().compareTo(b.text()));
        links.putAll(layer.notes().lowerLinks());
        Set<LayerPath> made = new HashSet<>();
        for (LayerPath path : links.keySet()) {
            makeWayTo(path.parent(), made);
            LayerPath target = layer.notes().lowerTarget(path);
            Optional<LayerView> holder = LayerView.fileIn(below, target);
            tar.put(
                    holder.isPresent()
                            ? entry(TarEntry.Type.HARD_LINK, path.text(), target.text(), holder.get(), target)
                            : TarWriter.plainLink(path.text(), target.text()));
        }
    }

    private void makeWayTo(LayerPath directory, Set<LayerPath> made) throws IOException {
        if (!directory.isRoot() && made.add(directory)) {
            makeWayTo(directory.parent(), made);
            if (!layer.notes().implied().contains(directory)) {
                tar.put(entry(TarEntry.Type.DIRECTORY, directory.text() + "/", "", layer, directory));
            }
        }
    }

    private void directory(LayerPath path) throws IOException {
        if (!layer.notes().implied().contains(path)) {
            tar.put(entry(TarEntry.Type.DIRECTORY, path.text() + "/", "", layer, path));
        }
        if (layer.isOpaque(path)) {
            marker(path.child(OPAQUE));
        }
    }

    private void marker(LayerPath path) throws IOException {
        tar.put(TarWriter.plainFile(path.text(), 0, 0));
    }

    private void other(LayerPath path, FileStat stat) throws IOException {
        if (stat.isWhiteout()) {
            marker(path.parent().child(WHITEOUT + path.name()));
            return;
        }
        LayerPath first = stat.links() > 1 ? linked.putIfAbsent(stat.inode(), path) : null;
        if (first != null) {
            tar.put(entry(TarEntry.Type.HARD_LINK, path.text(), first.text(), layer, path));
            return;
        }
        switch (stat.mode() & FileStat.TYPE_MASK) {
            case FileStat.REGULAR -> file(path, stat);
            case FileStat.SYMLINK ->
                tar.put(entry(TarEntry.Type.SYMLINK, path.text(), layer.linkTarget(path), layer, path));
            case FileStat.CHARACTER -> tar.put(entry(TarEntry.Type.CHARACTER, path.text(), "", layer, path));
            case FileStat.BLOCK -> tar.put(entry(TarEntry.Type.BLOCK, path.text(), "", layer, path));
            case FileStat.FIFO -> tar.put(entry(TarEntry.Type.FIFO, path.text(), "", layer, path));
            default -> throw new IOException(path + " is of a kind that no image has");
        }
    }

    private void file(LayerPath path, FileStat stat) throws IOException {
        try (Fd file = layer.open(path, 0)) {
            List<Extent> extents = extents(file, stat);
            long stored = extents.isEmpty()
                    ? stat.size()
                    : extents.stream().mapToLong(Extent::length).sum();
            tar.put(entry(TarEntry.Type.FILE, path.text(), "", layer, path).withContent(stored, extents, stat.size()));
            for (Extent extent : extents.isEmpty() ? List.of(new Extent(0, stat.size())) : extents) {
                copy(file, extent, path);
            }
            tar.pad(stored);
        }
    }

    /** Empty where it has no holes. Where it ends in one, a piece without bytes says how long it is: GNU tar goes by that. */
    private static List<Extent> extents(Fd file, FileStat stat) throws IOException {
        if (stat.blocks() * BLOCK >= stat.size()) {
            return List.of();
        }
        List<Extent> extents = new ArrayList<>();
        long end = 0;
        for (long at = file.nextContent(0); at >= 0 && at < stat.size(); ) {
            end = Math.min(file.nextHole(at), stat.size());
            extents.add(new Extent(at, end - at));
            at = end < stat.size() ? file.nextContent(end) : -1;
        }
        if (end < stat.size()) {
            extents.add(new Extent(stat.size(), 0));
        }
        return extents.getFirst().length() == stat.size() ? List.of() : extents;
    }

    private void copy(Fd file, Extent extent, LayerPath path) throws IOException {
        file.position(extent.offset());
        for (long left = extent.length(); left > 0; ) {
            read.clear().limit((int) Math.min(BUFFER_BYTES, left));
            int step = file.read(read);
            if (step <= 0) {
                throw new IOException(path + " is shorter than it was");
            }
            read.get(0, bytes, 0, step);
            out.write(bytes, 0, step);
            left -= step;
        }
    }

    private static TarEntry entry(TarEntry.Type type, String name, String link, LayerView from, LayerPath path)
            throws IOException {
        FileStat stat = from.stat(path);
        return new TarEntry(
                type,
                name,
                link,
                stat.permissions(),
                stat.uid(),
                stat.gid(),
                0,
                stat.modified(),
                (int) (stat.device() >> 32),
                (int) stat.device(),
                from.imageXattrs(path),
                List.of(),
                0);
    }
}
