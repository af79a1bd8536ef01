package dev.coracle.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Layers of a state directory that somebody else may own, held open one by one and not locked. Confined to one platform thread. */
final class OpenedLayers implements AutoCloseable {
    private final ImageShelf shelf;
    private final List<Digest> stack;
    private final List<LayerView> views = new ArrayList<>();

    /** Opens the first of them, which is the uppermost, and the others if it has hard links that lead there. */
    OpenedLayers(ImageShelf shelf, List<Digest> stack) throws IOException {
        this.shelf = shelf;
        this.stack = List.copyOf(stack);
        try {
            views.add(shelf.view(stack.getFirst()));
            int needed = first().notes().lowerLinks().isEmpty() ? 1 : stack.size();
            for (Digest diffId : stack.subList(1, needed)) {
                views.add(shelf.view(diffId));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    LayerView first() {
        return views.getFirst();
    }

    List<LayerView> below() {
        return views.subList(1, views.size());
    }

    /**
     * A layer that is removed is renamed before anything in it is deleted.
     *
     * @throws IOException if one of them is not where it was: what was read of it may not be all
     */
    void requireInPlace() throws IOException {
        for (int i = 0; i < views.size(); i++) {
            Path files = shelf.files(stack.get(i));
            if (!views.get(i).isAt(files)) {
                throw new IOException("the image was removed meanwhile");
            }
        }
    }

    @Override
    public void close() {
        views.forEach(LayerView::close);
    }
}
