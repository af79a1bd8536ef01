package dev.coracle.image;

import java.nio.file.Path;
import java.util.List;

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
}
