package dev.coracle.planner;

import java.util.List;

/**
 * What a container's root is put together from. The writable layer is there already, its root with mode 0755 and of user 0.
 *
 * @param directory absolute path, in which all layers lie
 * @param names of the layers' directories in it, the topmost first; short, without a colon
 * @param upper absolute path of the writable layer
 * @param work absolute path of the overlay's work directory, on the same file system
 * @param root what the container's root directory is to be like: overlay shows that of the writable layer
 */
public record Layers(String directory, List<String> names, String upper, String work, Root root) {
    /**
     * Mode and owner of a root directory.
     *
     * @param mode permission bits, 0 to 07777
     */
    public record Root(int mode, int uid, int gid) {
        /** As the writable layer is made. */
        public static final Root USUAL = new Root(0755, 0, 0);
    }

    public Layers {
        names = List.copyOf(names);
    }
}
