package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.linux.Fd;
import dev.coracle.linux.Linux;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer's stream made anew unpacks to the same layer, in GNU tar as well. Runs as root. */
class LayerTarTest {
    @TempDir
    Path work;

    @Test
    void theSameTreeComesOutOfIt() throws Exception {
        Path source = work.resolve("source");
        LayerUnpackerTest.makeTree(source, true);
        sh("cd " + source + " && truncate -s 5M nothing && chown 4294967294:70000000 nothing && ln -P far far-too"
                + " && ln fifo d/fifo && touch -d '1969-12-31 23:59:58.25 UTC' nothing && touch -h -d @9999999999 far");
        Path archive = work.resolve("archive.tar");
        sh("tar --format=posix --sparse --xattrs --xattrs-include='*' --numeric-owner -cf " + archive + " -C " + source
                + " .");
        Path first = work.resolve("first");
        LayerNotes notes = Unpacking.unpack(Files.readAllBytes(archive), first);

        byte[] tar = write(first, notes);

        Path again = work.resolve("again");
        assertThat(Unpacking.unpack(tar, again)).isEqualTo(notes);
        Map<String, String> tree = Trees.describe(first);
        assertThat(Trees.describe(again)).isEqualTo(tree);
        assertThat(new Linux().lstat(null, again.resolve("nothing").toString()).blocks())
                .isZero();
        assertThat(tar.length).isLessThan(3_100_000 + 100_000);
        Path gnu = Files.createDirectory(work.resolve("gnu"));
        Files.write(work.resolve("made.tar"), tar);
        sh("tar --xattrs --xattrs-include='*' --numeric-owner -xpf " + work.resolve("made.tar") + " -C " + gnu);
        assertThat(Trees.describe(gnu)).isEqualTo(tree);
        assertThat(write(again, notes)).as("the same bytes").isEqualTo(tar);
    }

    @Test
    void whatItSaysOfLowerLayersIsSaidAgain() throws Exception {
        Path first = work.resolve("first");
        LayerNotes notes = Unpacking.unpack(aboutLowerLayers().bytes(), first);

        byte[] tar = write(first, notes);

        assertThat(names(tar))
                .containsExactly(
                        "etc/",
                        "etc/a -> usr/tool",
                        "etc/z -> usr/tool",
                        "implied/link -> usr/tool",
                        ".wh..wh..opq",
                        "again/",
                        "again/.wh..wh..opq",
                        "etc/",
                        "etc/.wh.gone",
                        "implied/file",
                        "implied/opaque/.wh..wh..opq",
                        "srv/",
                        "srv/.wh..wh..opq",
                        "srv/shown");
        Path again = work.resolve("again");
        LayerNotes found = Unpacking.unpack(tar, again);
        assertThat(found.hidesAll()).isTrue();
        assertThat(found.rootGiven()).isFalse();
        assertThat(found.implied()).isEqualTo(notes.implied());
        assertThat(found.lowerLinks().keySet()).isEqualTo(notes.lowerLinks().keySet());
        assertThat(dated(Trees.describe(again))).isEqualTo(dated(Trees.describe(first)));
    }

    private static Tar aboutLowerLayers() {
        return new Tar()
                .file(".wh..wh..opq", "")
                .directory("etc/", 0755)
                .file("etc/.wh.gone", "")
                .directory("srv/", 0750)
                .file("srv/.wh..wh..opq", "")
                .file("srv/shown", "1")
                .file("implied/opaque/.wh..wh..opq", "")
                .file("implied/file", "2")
                .file(".wh.again", "")
                .directory("again/", 0700)
                .link("etc/z", "usr/tool")
                .link("etc/a", "etc/z")
                .link("implied/link", "usr/tool");
    }

    /** Others set what a hard link's header says on the file that it leads to. */
    @Test
    void aLinkToALowerLayerSaysWhatTheFileThereIsLike() throws Exception {
        Path lower = work.resolve("lower");
        LayerNotes lowerNotes = Unpacking.unpack(
                new Tar()
                        .directory("bin/", 0755)
                        .entry("bin/tool", TarConstants.LF_NORMAL, "x", e -> {
                            e.setMode(04711);
                            e.setIds(5, 6);
                        })
                        .bytes(),
                lower);
        Path upper = work.resolve("upper");
        LayerNotes upperNotes = Unpacking.unpack(
                new Tar().link("tool", "bin/tool").link("lost", "bin/lost").bytes(), upper);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LayerView above = new LayerView(upper, upperNotes);
                LayerView below = new LayerView(lower, lowerNotes)) {
            LayerTar.write(above, List.of(below), out);
        }
        TarArchiveEntry link = entries(out.toByteArray()).get(1);
        assertThat(link.getName()).isEqualTo("tool");
        assertThat(link.getMode() & 07777).isEqualTo(04711);
        assertThat(link.getLongUserId()).isEqualTo(5);
        assertThat(link.getLongGroupId()).isEqualTo(6);
        assertThat(link.getLastModifiedTime().toMillis()).isEqualTo(1_700_000_000_000L);
    }

    /** They are any bytes, also beyond what ustar has room for. */
    @Test
    void namesThatAreNoUtf8StayAsTheyAre() throws Exception {
        Linux linux = new Linux(StandardCharsets.ISO_8859_1);
        Path first = Files.createDirectory(work.resolve("first"));
        List<String> names = List.of("caf\u00e9", "\u00ff".repeat(200));
        try (Fd root = new Linux().openat(null, first.toString(), Linux.O_DIRECTORY, 0)) {
            for (String name : names) {
                linux.symlinkat("to " + name, root, name);
            }
        }
        byte[] tar = write(first, new LayerNotes(0, 0, false, false, Set.of(), Map.of()));
        Path again = work.resolve("again");
        Unpacking.unpack(tar, again);
        try (Fd root = new Linux().openat(null, again.toString(), Linux.O_DIRECTORY, 0)) {
            assertThat(linux.names(root)).containsExactlyInAnyOrderElementsOf(names);
            assertThat(linux.readlinkat(root, names.getLast())).isEqualTo("to " + names.getLast());
        }
    }

    /** Far more than one call to the kernel brings. */
    @Test
    void aDirectoryOfManyNamesIsReadToItsEnd() throws Exception {
        Path first = Files.createDirectory(work.resolve("first"));
        for (int i = 0; i < 5000; i++) {
            Files.createFile(first.resolve("a-name-that-is-not-that-short-" + i));
        }
        assertThat(names(write(first, new LayerNotes(0, 0, false, false, Set.of(), Map.of()))))
                .hasSize(5000)
                .isSorted();
    }

    @Test
    void aSizeThatNeedsARecordHasOne() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TarWriter(out).put(TarWriter.plainFile("big", 0600, 9L << 30));
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            assertThat(in.getNextEntry().getSize()).isEqualTo(9L << 30);
        }
        assertThat(ByteBuffer.wrap(out.toByteArray()).remaining()).isEqualTo(3 * 512);
    }

    private static byte[] write(Path files, LayerNotes notes) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LayerView layer = new LayerView(files, notes)) {
            LayerTar.write(layer, List.of(), out);
        }
        return out.toByteArray();
    }

    private static List<String> names(byte[] tar) throws Exception {
        return entries(tar).stream()
                .map(entry -> entry.getLinkName().isEmpty()
                        ? entry.getName()
                        : entry.getName() + " -> " + entry.getLinkName())
                .toList();
    }

    private static List<TarArchiveEntry> entries(byte[] tar) throws Exception {
        List<TarArchiveEntry> entries = new ArrayList<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** What has no entry, and whiteouts, have the times of the unpacking. */
    private static Map<String, String> dated(Map<String, String> tree) {
        tree.keySet().removeAll(Set.of("", "implied", "implied/opaque"));
        tree.replaceAll((_, line) -> line.startsWith("20000 ") ? "whiteout" : line);
        return tree;
    }

    private static void sh(String script) throws Exception {
        Process shell = new ProcessBuilder("bash", "-ec", script).inheritIO().start();
        assertThat(shell.waitFor()).as(script).isZero();
    }
}
