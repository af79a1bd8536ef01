package dev.coracle.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;

/**
 * The layers of an image as overlay takes them. The names are relative to {@code directory} and a few characters long: the
 * option {@code lowerdir} of fsconfig(2) holds less than 256 bytes. Each is a symbolic link to a directory that is never
 * changed. An image without layers has an empty one: overlay needs one below the writable layer.
 *
 * @param directory what the names are relative to
 * @param names uppermost first, as {@code lowerdir} wants them
 * @param root what the root directory of a container must be like: overlay shows that of the writable layer
 */
public record LayerStack(Path directory, List<String> names, RootDirectory root) {
    /**
     * Mode and owner of a root directory.
     *
     * @param mode permission bits, 0 to 07777
     */
    public record RootDirectory(int mode, int uid, int gid) {
        /** Of an image that says nothing about it. */
        static final RootDirectory DEFAULT = new RootDirectory(0755, 0, 0);
    }

    public LayerStack {
        names = List.copyOf(names);
    }

    /** {@code layers} knows each layer of the image; {@code shortNames} is where their short names are. */
    static LayerStack of(ImageRecord image, Path shortNames, Function<Digest, LayerRecord> layers) {
        List<String> names = new ArrayList<>();
        // Overlay refuses a layer that comes twice; the upper one shows all that the lower one would.
        for (Digest layer : new LinkedHashSet<>(image.layers().reversed())) {
            LayerRecord kept = layers.apply(layer);
            names.add(kept.shortName());
            if (kept.hidesAll()) {
                break;
            }
        }
        if (names.isEmpty()) {
            names.add(ImagePaths.NOTHING);
        }
        return new LayerStack(shortNames, names, image.root());
    }
}
