package dev.coracle.e2e.images;

import dev.coracle.e2e.images.Layer.Attributes;
import java.nio.charset.StandardCharsets;

/** Entries that careless unpackers get wrong: kinds, modes, owners, times, names, links. */
final class OddLayer {
    private OddLayer() {}

    static Layer make() {
        Layer layer = new Layer().dir("odd");
        kinds(layer);
        modesAndOwners(layer);
        timesAndAttributes(layer);
        names(layer);
        return layer;
    }

    private static void kinds(Layer layer) {
        layer.file("odd/original", "shared by two names\n");
        layer.hardlink("odd/hardlink", "odd/original");
        layer.symlink("odd/symlink", "original");
        layer.symlink("odd/absolute", "/etc/passwd");
        layer.symlink("odd/dangling", "/no/where");
        layer.symlink("odd/to-dir", "dir");
        layer.dir("odd/dir");
        layer.fifo("odd/fifo");
        layer.charDevice("odd/char", 1, 3);
        layer.blockDevice("odd/block", 7, 250);
        layer.file("odd/empty", "");
        layer.file("odd/large", new byte[3 << 20], Attributes.mode(0644));
    }

    private static void modesAndOwners(Layer layer) {
        byte[] text = bytes("x\n");
        layer.file("odd/setuid", text, Attributes.mode(04755).owner(1000, 1000));
        layer.file("odd/setgid", text, Attributes.mode(02755).owner(0, 2000));
        layer.file("odd/none", text, Attributes.mode(0));
        layer.dir("odd/sticky", Attributes.mode(01777));
        layer.dir("odd/closed", Attributes.mode(0700).owner(33, 33));
        layer.file("odd/closed/inside", text, Attributes.mode(0600).owner(33, 33));
        layer.file("odd/high-ids", text, Attributes.mode(0644).owner(3_000_000, 4_000_000));
    }

    private static void timesAndAttributes(Layer layer) {
        byte[] text = bytes("x\n");
        layer.file("odd/recent", text, Attributes.mode(0644).time(1_700_000_000L));
        layer.file("odd/nanoseconds", text, Attributes.mode(0644)).preciseTime("1700000000.123456700");
        layer.dir("odd/old-dir", Attributes.mode(0755).time(86_400L));
        layer.file("odd/old-dir/file", text, Attributes.mode(0644).time(172_800L));
        layer.file("odd/user-xattr", text, Attributes.mode(0644)).xattr("user.color", "blue");
    }

    private static void names(Layer layer) {
        layer.file("odd/gr\u00fc\u00dfe \u65e5\u672c", "named in UTF-8\n");
        layer.file("odd/with\nnewline", "x\n");
        layer.file("odd/" + "l".repeat(255), "the longest name\n");
        StringBuilder deep = new StringBuilder("odd/deep");
        layer.dir(deep.toString());
        for (int i = 0; i < 12; i++) {
            deep.append('/').append(String.valueOf((char) ('a' + i)).repeat(60));
            layer.dir(deep.toString());
        }
        layer.file(deep + "/end", "800 bytes deep\n");
        layer.file("./odd/dotted", "x\n");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
