package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs as root: owners, devices and trusted attributes. */
class LayerUnpackerTest {
    @TempDir
    Path work;

    /** GNU tar makes the archive and is the oracle: what it unpacks from it, and what we do, must be the same tree. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=gnu --sparse",
                "--format=posix --xattrs --xattrs-include=*",
                "--format=posix --sparse --sparse-version=0.0",
                "--format=posix --sparse --sparse-version=0.1",
                "--format=posix --sparse --sparse-version=1.0",
                "--format=ustar",
            })
    void theTreeIsWhatGnuTarUnpacks(String options) throws Exception {
        Path source = work.resolve("source");
        boolean ustar = options.contains("ustar");
        makeTree(source, !ustar);
        Path archive = work.resolve("archive.tar");
        sh("tar " + options + " --numeric-owner -cf " + archive + " -C " + source + " .");
        Path expected = Files.createDirectory(work.resolve("expected"));
        sh("tar --xattrs --xattrs-include=* --numeric-owner -xpf " + archive + " -C " + expected);

        Path unpacked = work.resolve("unpacked");
        LayerNotes notes = Unpacking.unpack(Files.readAllBytes(archive), unpacked);

        assertThat(Trees.describe(unpacked)).isEqualTo(Trees.describe(expected));
        assertThat(notes.implied()).isEmpty();
        assertThat(notes.rootGiven()).isTrue();
        if (options.contains("sparse")) {
            assertThat(new Linux()
                            .lstat(null, unpacked.resolve("holes").toString())
                            .blocks())
                    .isLessThan(1000);
        }
    }

    /** What an image may have, for GNU tar to make an archive of; {@code more} is what ustar has no room for. */
    static void makeTree(Path root, boolean more) throws Exception {
        Files.createDirectories(root.resolve("d/empty"));
        Files.writeString(root.resolve("d/file"), "content");
        byte[] big = new byte[3_000_001];
        new Random(1).nextBytes(big);
        Files.write(root.resolve("big"), big);
        Files.createLink(root.resolve("d/hard"), root.resolve("big"));
        Files.createSymbolicLink(root.resolve("d/link"), Path.of("../big"));
        sh("cd " + root + " && mkfifo fifo && mknod null c 1 3 && mknod disk b 259 300000 && chmod 4755 d/file"
                + " && chown -h 1000:1001 d/link && chown 5:6 fifo disk && chmod 1777 d/empty && chmod 02751 d"
                + " && truncate -s 8M holes && printf x | dd of=holes bs=1 seek=3000000 conv=notrunc status=none"
                + " && printf y | dd of=holes bs=1 seek=7999999 conv=notrunc status=none"
                + " && touch -h -d '2001-02-03 04:05:06' d/link big null && touch -d '1999-01-01' d d/empty .");
        if (more) {
            String deep = "long/" + ("x".repeat(120) + "/").repeat(5);
            Files.createDirectories(root.resolve(deep));
            Files.writeString(root.resolve(deep + "é".repeat(70)), "long");
            Files.createSymbolicLink(root.resolve("far"), Path.of("y".repeat(300)));
            sh("chown 3000000:3000001 " + root.resolve("long"));
            new Linux().lsetxattr(root.resolve("big").toString(), "user.note", new byte[] {0, 10, -1});
            byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
            new Linux().lsetxattr(root.resolve("big").toString(), "security.capability", capability);
            new Linux().lsetxattr(root.resolve("d/link").toString(), "trusted.on-a-link", new byte[] {1});
        }
    }

    @Test
    void commonsCompressAgreesOnEveryHeader() throws Exception {
        byte[] tar = new Tar()
                .directory("usr/", 0755)
                .file("usr/" + "n".repeat(250), "a", e -> e.setIds(70_000_000, 3))
                .file("usr/naïve", "b", e -> e.addPaxHeader("SCHILY.xattr.user.k", "v"))
                .file("usr/later", "c", e -> e.addPaxHeader("mtime", "-1.25"))
                .bytes();
        Path root = work.resolve("layer");

        Unpacking.unpack(tar, root);

        FileStat owned =
                new Linux().lstat(null, root.resolve("usr/" + "n".repeat(250)).toString());
        assertThat(owned.uid()).isEqualTo(70_000_000);
        assertThat(root.resolve("usr/naïve")).hasContent("b");
        assertThat(new Linux()
                        .lgetxattr(root.resolve("usr/naïve").toString(), "user.k")
                        .orElseThrow())
                .isEqualTo("v".getBytes(StandardCharsets.UTF_8));
        FileStat timed = new Linux().lstat(null, root.resolve("usr/later").toString());
        assertThat(timed.modified().seconds()).isEqualTo(-2);
        assertThat(timed.modified().nanos()).isEqualTo(750_000_000);
    }

    /** Another machine's policy may not have it, and then the kernel refuses it. */
    @Test
    void labelsOfThePackersMachineAreLeftOut() throws Exception {
        Path root = work.resolve("layer");
        Unpacking.unpack(
                new Tar()
                        .file("f", "f", e -> {
                            e.addPaxHeader("SCHILY.xattr.security.selinux", "system_u:object_r:theirs_t:s0");
                            e.addPaxHeader("SCHILY.xattr.user.k", "v");
                        })
                        .bytes(),
                root);

        String file = root.resolve("f").toString();
        assertThat(new Linux().lgetxattr(file, "user.k")).isPresent();
        assertThat(new Linux().lgetxattr(file, "security.selinux")).isEmpty();
    }

    @Test
    void aWhiteoutHidesAndAnOpaqueDirectoryHidesAllBelow() throws Exception {
        Path root = work.resolve("layer");
        LayerNotes notes = Unpacking.unpack(
                new Tar()
                        .directory("etc/", 0755)
                        .file("etc/.wh.gone", "")
                        .directory("srv/", 0750)
                        .file("srv/.wh..wh..opq", "")
                        .file("deep/down/.wh.it", "")
                        .file(".wh..wh.plnk", "")
                        .bytes(),
                root);

        assertThat(stat(root.resolve("etc/gone")).isWhiteout()).isTrue();
        assertThat(isOpaque(root.resolve("srv"))).isTrue();
        assertThat(isOpaque(root.resolve("etc"))).isFalse();
        assertThat(stat(root.resolve("deep/down/it")).isWhiteout()).isTrue();
        assertThat(notes.implied()).containsExactlyInAnyOrder(new LayerPath("deep"), new LayerPath("deep/down"));
        assertThat(root.resolve(".wh..wh.plnk")).doesNotExist();
    }

    /** A whiteout speaks of lower layers only, whichever comes first in the archive. */
    @Test
    void aWhiteoutLeavesWhatItsOwnLayerBrings() throws Exception {
        Path root = work.resolve("layer");
        Unpacking.unpack(
                new Tar()
                        .file(".wh.first", "")
                        .directory("first/", 0755)
                        .file("first/kept", "1")
                        .directory("second/", 0755)
                        .file("second/kept", "2")
                        .file(".wh.second", "")
                        .file(".wh.third", "")
                        .file("third/kept", "3")
                        .file(".wh.plain", "")
                        .file("plain", "4")
                        .bytes(),
                root);

        assertThat(root.resolve("first/kept")).hasContent("1");
        assertThat(root.resolve("second/kept")).hasContent("2");
        assertThat(root.resolve("third/kept")).hasContent("3");
        assertThat(root.resolve("plain")).hasContent("4");
        for (String name : new String[] {"first", "second", "third"}) {
            assertThat(isOpaque(root.resolve(name))).as(name).isTrue();
        }
    }

    @Test
    void anOpaqueRootIsNoted() throws Exception {
        assertThat(Unpacking.unpack(new Tar().file(".wh..wh..opq", "").bytes(), work.resolve("layer"))
                        .hidesAll())
                .isTrue();
    }

    @Test
    void theLastEntryOfANameCounts() throws Exception {
        Path root = work.resolve("layer");
        LayerNotes notes = Unpacking.unpack(
                new Tar()
                        .file("a", "old")
                        .file("a", "new")
                        .directory("tree/", 0755)
                        .file("tree/inner/file", "x")
                        .symlink("tree", "a")
                        .symlink("l", "/etc/passwd")
                        .file("l", "mine")
                        .bytes(),
                root);

        assertThat(root.resolve("a")).hasContent("new");
        assertThat(Files.readSymbolicLink(root.resolve("tree"))).isEqualTo(Path.of("a"));
        assertThat(root.resolve("l")).hasContent("mine");
        assertThat(Files.isSymbolicLink(root.resolve("l"))).isFalse();
        assertThat(notes.implied()).isEmpty();
    }

    @Test
    void hardLinksShareAnInodeAndMayWaitForALowerLayer() throws Exception {
        Path root = work.resolve("layer");
        LayerNotes notes = Unpacking.unpack(
                new Tar()
                        .file("a/one", "1")
                        .link("two", "a/one")
                        .link("three", "./lower/file")
                        .bytes(),
                root);

        assertThat(stat(root.resolve("two")).inode())
                .isEqualTo(stat(root.resolve("a/one")).inode());
        assertThat(notes.lowerLinks()).isEqualTo(Map.of(new LayerPath("three"), new LayerPath("lower/file")));
    }

    /** Others unpack so: a hard link's header says once more what the file is like. */
    @Test
    void aHardLinkSaysWhatItsFileIsLike() throws Exception {
        Path root = work.resolve("layer");
        Unpacking.unpack(
                new Tar()
                        .file("one", "1")
                        .entry("two", TarConstants.LF_LINK, "", e -> {
                            e.setLinkName("one");
                            e.setMode(04711);
                            e.setIds(5, 6);
                            e.setModTime(86_400_000L);
                        })
                        .bytes(),
                root);
        FileStat one = stat(root.resolve("one"));
        assertThat(one.permissions()).isEqualTo(04711);
        assertThat(one.uid()).isEqualTo(5);
        assertThat(one.gid()).isEqualTo(6);
        assertThat(one.modified().seconds()).isEqualTo(86_400);
    }

    @Test
    void overlaysOwnAttributesAreNotTakenFromAnImage() throws Exception {
        Path root = work.resolve("layer");
        Unpacking.unpack(
                new Tar()
                        .entry(
                                "d/",
                                TarConstants.LF_DIR,
                                "",
                                e -> e.addPaxHeader("SCHILY.xattr.trusted.overlay.redirect", "/etc"))
                        .bytes(),
                root);
        assertThat(new Linux().llistxattr(root.resolve("d").toString())).isEmpty();
    }

    @Test
    void anAbsoluteNameStartsAtTheLayersRoot() throws Exception {
        byte[] tar = new Tar().file("x/etc/name", "inside").bytes();
        // commons-compress takes a leading slash away, so it is put there by hand: one byte less of the name.
        byte[] absolute = replaceOnce(tar, "x/etc/name", "//etc/name");
        Unpacking.unpack(absolute, work.resolve("layer"));
        assertThat(work.resolve("layer/etc/name")).hasContent("inside");
    }

    @Test
    void everyCompressionGivesTheSameTree() throws Exception {
        byte[] content = new byte[700_000];
        new Random(7).nextBytes(content);
        String text = new String(content, StandardCharsets.ISO_8859_1);
        byte[] tar = new Tar().file("f", text).bytes();
        byte[] half = Arrays.copyOf(tar, tar.length / 2);
        byte[] rest = Arrays.copyOfRange(tar, half.length, tar.length);
        Map<String, byte[]> blobs = Map.of(
                "plain", tar,
                "gzip", Tar.gzip(tar),
                "members", concat(Tar.gzip(half), Tar.gzip(rest)),
                "named", named(tar),
                "zstd", Zstd.compress(tar),
                "frames", concat(Zstd.compress(half), Zstd.compress(rest)));
        for (Map.Entry<String, byte[]> blob : blobs.entrySet()) {
            Path root = work.resolve(blob.getKey());
            Unpacking.unpack(blob.getValue(), tar, root);
            assertThat(Digest.sha256(Files.readAllBytes(root.resolve("f"))))
                    .as(blob.getKey())
                    .isEqualTo(Digest.sha256(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** A gzip header with an extra field, a name, a comment and a checksum. */
    private static byte[] named(byte[] tar) {
        byte[] plain = Tar.gzip(tar);
        byte[] header = {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, 'n', 0, 'c', 0, 1, 2};
        return concat(header, Arrays.copyOfRange(plain, 10, plain.length));
    }

    @Test
    void damagedBlobsAreTheRegistrysFaultAndDamagedContentTheImages() throws Exception {
        byte[] tar = new Tar().file("f", "x".repeat(100_000)).bytes();
        byte[] blob = Tar.gzip(tar);
        Descriptor right = new Descriptor("", Digest.sha256(blob), blob.length, Optional.empty());
        byte[] flipped = blob.clone();
        flipped[blob.length / 2] ^= 1;

        assertFails(flipped, right, tar, BadBlob.class, "the registry sent content with digest");
        assertFails(Arrays.copyOf(blob, blob.length - 9), right, tar, BadBlob.class, "the manifest says");
        assertFails(concat(blob, new byte[1]), right, tar, BadBlob.class, "sends more than");
        assertFails(blob, right, new byte[0], LayerFault.class, "unpacks to diff ID");
        byte[] cut = Arrays.copyOf(blob, blob.length - 9);
        Descriptor cutRight = new Descriptor("", Digest.sha256(cut), cut.length, Optional.empty());
        assertFails(cut, cutRight, tar, LayerFault.class, "ends too early");
        byte[] noTar =
                "this is no tar archive, but long enough to be one".repeat(20).getBytes(StandardCharsets.UTF_8);
        Descriptor text = new Descriptor("", Digest.sha256(noTar), noTar.length, Optional.empty());
        assertFails(noTar, text, noTar, LayerFault.class, "wrong checksum");
    }

    @Test
    void whatItCostsIsWhatDuSays() throws Exception {
        Path root = work.resolve("layer");
        LayerNotes notes = Unpacking.unpack(
                new Tar()
                        .file("a/b/c", "x".repeat(5000))
                        .file("d", "")
                        .symlink("e", "f")
                        .link("g", "d")
                        .bytes(),
                root);
        long files = number("find " + root + " ! -type d -print0 | du -cs -B1 --files0-from=- | tail -1 | cut -f1");
        // a block, which some file systems keep in the inode
        long folders = number("find " + root + " -type d | wc -l") * 4096;
        assertThat(notes.bytes()).isEqualTo(files + folders);
        assertThat(notes.inodes()).isEqualTo(number("find " + root + " | wc -l") - 1);
    }

    private static long number(String command) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", command).start();
        return Long.parseLong(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    }

    private void assertFails(byte[] blob, Descriptor descriptor, byte[] tar, Class<?> type, String message)
            throws Exception {
        Path root = Files.createTempDirectory(work, "layer");
        assertThatThrownBy(() -> Unpacking.unpack(
                        new ByteArrayInputStream(blob), descriptor, Digest.sha256(tar), root, PullLimits.DEFAULT))
                .isInstanceOf(type)
                .hasMessageContaining(message);
    }

    private static FileStat stat(Path file) throws Exception {
        return new Linux().lstat(null, file.toString());
    }

    private static boolean isOpaque(Path directory) throws Exception {
        assertThat(Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)).isTrue();
        return new Linux()
                .lgetxattr(directory.toString(), "trusted.overlay.opaque")
                .isPresent();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** In the first header, whose checksum is mended. */
    private static byte[] replaceOnce(byte[] tar, String from, String to) {
        byte[] changed = tar.clone();
        byte[] name = to.getBytes(StandardCharsets.US_ASCII);
        assertThat(new String(tar, 0, from.length(), StandardCharsets.US_ASCII)).isEqualTo(from);
        System.arraycopy(name, 0, changed, 0, name.length);
        Arrays.fill(changed, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += Byte.toUnsignedInt(changed[i]);
        }
        byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, changed, 148, digits.length);
        return changed;
    }

    private static void sh(String command) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", command).inheritIO().start();
        assertThat(process.waitFor()).as(command).isZero();
    }
}
