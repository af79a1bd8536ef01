package dev.coracle.image;

import java.nio.file.Path;

/**
 * Where images lie below their own directory in the state directory; the only class that knows.
 *
 * <pre>
 * records/sha256-….json   an image: names, layers, configuration
 * layers/sha256-…/        a layer, by diff ID:  fs/  its files, layer.json  what it is, notes.json  what unpacking found
 * l/1f                    a short name for a layer's fs/, as overlay's options have little room
 * l/_                     an empty directory, for images without layers
 * staging/…/              a layer that is not whole yet; its file lock is held for as long as somebody works on it
 * trash/…                 what is being deleted
 * </pre>
 */
record ImagePaths(Path root) {
    Path records() {
        return root.resolve("records");
    }

    Path image(Digest id) {
        return records().resolve(id.fileName() + ".json");
    }

    Path layers() {
        return root.resolve("layers");
    }

    Path layer(Digest diffId) {
        return layers().resolve(diffId.fileName());
    }

    /** Among the short names, that of no layer: an empty directory. */
    static final String NOTHING = "_";

    Path shortNames() {
        return root.resolve("l");
    }

    Path shortName(String name) {
        return shortNames().resolve(name);
    }

    /** What a short name says: the way from it to the layer's files. */
    Path shortNameTarget(Digest diffId) {
        return Path.of("..", "layers", diffId.fileName(), "fs");
    }

    Path staging() {
        return root.resolve("staging");
    }

    Path trash() {
        return root.resolve("trash");
    }

    /** The files of a layer, in its own directory. */
    static Path files(Path layer) {
        return layer.resolve("fs");
    }

    static Path record(Path layer) {
        return layer.resolve("layer.json");
    }

    static Path notes(Path layer) {
        return layer.resolve("notes.json");
    }

    static Path lock(Path staged) {
        return staged.resolve("lock");
    }
}
