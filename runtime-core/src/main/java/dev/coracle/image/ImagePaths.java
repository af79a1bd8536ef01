package dev.coracle.image;

import java.nio.file.Path;

/**
 * Where images lie below the state directory; the only class that knows.
 *
 * <pre>
 * images/sha256-….json    an image: names, layers, configuration
 * layers/sha256-…/        a layer, by diff ID:  fs/  its files, layer.json  what it is, notes.json  what unpacking found
 * l/1f                    a short name for a layer's fs/, as overlay's options have little room
 * staging/…/              a layer that is not whole yet; its file lock is held for as long as somebody works on it
 * trash/…                 what is being deleted
 * </pre>
 */
record ImagePaths(Path state) {
    Path images() {
        return state.resolve("images");
    }

    Path image(Digest id) {
        return images().resolve(id.fileName() + ".json");
    }

    Path layers() {
        return state.resolve("layers");
    }

    Path layer(Digest diffId) {
        return layers().resolve(diffId.fileName());
    }

    Path shortNames() {
        return state.resolve("l");
    }

    Path shortName(String name) {
        return shortNames().resolve(name);
    }

    /** What a short name says: the way from it to the layer's files. */
    Path shortNameTarget(Digest diffId) {
        return Path.of("..", "layers", diffId.fileName(), "fs");
    }

    Path staging() {
        return state.resolve("staging");
    }

    Path trash() {
        return state.resolve("trash");
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
