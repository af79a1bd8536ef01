package dev.coracle.image;

import dev.coracle.linux.FileStat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files of an image as a container that has written nothing sees them: found in its layers by overlay's rules, without a mount.
 * Confined to one platform thread: it makes blocking system calls.
 */
public final class StackedFiles implements AutoCloseable {
    /** As many as Linux follows. */
    private static final int LINKS = 40;

    private static final LayerNotes NO_NOTES = new LayerNotes(0, 0, false, true, Set.of(), Map.of());

    /** Uppermost first. */
    private final List<LayerView> layers = new ArrayList<>();

    /**
     * Opens the layers.
     *
     * @throws IOException if one of them is not there
     */
    public StackedFiles(LayerStack stack) throws IOException {
        try {
            for (String name : stack.names()) {
                layers.add(new LayerView(Path.of(stack.directory() + "/" + name), NO_NOTES));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * The content of a regular file; empty where the path leads to none. Symbolic links are followed inside the root, which nothing
     * leads out of.
     *
     * @param limit in bytes
     * @throws IOException also if the file is larger
     */
    public Optional<byte[]> read(String path, long limit) throws IOException {
        Optional<LayerPath> found = find(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        LayerView layer = holding(found.get()).orElseThrow();
        FileStat stat = layer.stat(found.get());
        if ((stat.mode() & FileStat.TYPE_MASK) != FileStat.REGULAR) {
            return Optional.empty();
        }
        if (stat.size() > limit) {
            throw new IOException("/" + path + " of the image is larger than " + limit + " bytes");
        }
        return Optional.of(layer.content(found.get()));
    }

    private Optional<LayerPath> find(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(components(path));
        LayerPath at = LayerPath.ROOT;
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.pop();
            if (name.equals("..")) {
                at = at.parent();
                continue;
            }
            LayerPath next = at.child(name);
            Optional<LayerView> layer = holding(next);
            if (layer.isEmpty()) {
                return Optional.empty();
            }
            FileStat stat = layer.get().stat(next);
            if (stat.isSymlink()) {
                String target = layer.get().linkTarget(next);
                links++;
                at = target.startsWith("/") ? LayerPath.ROOT : at;
                components(target).reversed().forEach(rest::push);
            } else {
                at = next;
            }
            if (links > LINKS || (!rest.isEmpty() && !stat.isSymlink() && !stat.isDirectory())) {
                return Optional.empty();
            }
        }
        return Optional.of(at);
    }

    private static List<String> components(String path) {
        return Arrays.stream(path.split("/", -1))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
    }

    /** The uppermost layer that has something at this path, no component of which is a symbolic link but the last. */
    private Optional<LayerView> holding(LayerPath path) throws IOException {
        for (LayerView layer : layers) {
            LayerView.Said said = layer.look(path);
            if (said.kind() != LayerView.Kind.NOTHING) {
                return Optional.of(layer);
            }
            if (said.last()) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        layers.forEach(LayerView::close);
        layers.clear();
    }
}
