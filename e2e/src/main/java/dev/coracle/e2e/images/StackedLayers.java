package dev.coracle.e2e.images;

import dev.coracle.e2e.images.Layer.Attributes;
import java.util.List;

/**
 * Layers that change what those below them have in every way there is, most of them without an entry for the directory that they change
 * something in. Hard links to files of lower layers are not among them: Debian's containerd cannot make them.
 */
final class StackedLayers {
    /** cap_net_raw, permitted and effective (struct vfs_cap_data, revision 2). */
    private static final String CAPABILITY = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    private StackedLayers() {}

    static List<Layer> make() {
        return List.of(lower(), middle(), upper());
    }

    private static Layer lower() {
        Layer layer = new Layer()
                .dir("s", Attributes.mode(0751).owner(7, 8).time(1_000_000))
                .dir("s/tmp", Attributes.mode(01777).time(2_000_000))
                .dir("s/home", Attributes.mode(0750).owner(1000, 1000).time(3_000_000))
                .xattr("user.whose", "app")
                .dir("s/mail", Attributes.mode(02775).owner(0, 50).time(4_000_000))
                .dir("s/data")
                .file("s/data/one", new byte[] {'1'}, Attributes.mode(0755))
                .hardlink("s/data/two", "s/data/one")
                .file("s/data/gone", "gone\n")
                .dir("s/opaque")
                .file("s/opaque/hidden", "hidden\n")
                .dir("s/directory-to-file")
                .file("s/directory-to-file/inside", "hidden\n")
                .file("s/file-to-directory", "hidden\n")
                .dir("s/directory-to-link")
                .file("s/directory-to-link/inside", "hidden\n")
                .symlink("s/link-to-directory", "data")
                .dir("s/again")
                .file("s/again/old", "hidden\n")
                .dir("s/emptied")
                .file("s/emptied/inside", "hidden\n");
        byte[] program = {'#', '!'};
        return layer.file("s/ping", program, Attributes.mode(0755))
                .xattr("security.capability", CAPABILITY)
                .preciseTime("1500000000.987654321");
    }

    private static Layer middle() {
        return new Layer()
                .file("s/tmp/new", "new\n")
                .file("s/home/new", "new\n")
                .file("s/mail/new", "new\n")
                .whiteout("s/data/gone")
                .whiteout("s/never-was")
                .opaque("s/opaque")
                .file("s/opaque/shown", "shown\n")
                .file("s/directory-to-file", "a file\n")
                .dir("s/file-to-directory", Attributes.mode(0700))
                .file("s/file-to-directory/inside", "inside\n")
                .symlink("s/directory-to-link", "data")
                .dir("s/link-to-directory")
                .file("s/link-to-directory/inside", "inside\n")
                .whiteout("s/again")
                .whiteout("s/emptied/inside")
                .charDevice("s/data/null", 1, 3);
    }

    private static Layer upper() {
        return new Layer()
                .whiteout("s/home/new")
                .dir("s/again", Attributes.mode(0711).time(5_000_000))
                .file("s/again/young", "young\n")
                .whiteout("s/data/null")
                .file("s/tmp/deep/" + "d".repeat(200) + "/" + "f".repeat(200), "deep\n");
    }
}
