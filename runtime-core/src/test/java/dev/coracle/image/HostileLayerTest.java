package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.linux.Linux;
import dev.coracle.store.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers made to do harm: each is refused, and nothing is written outside. Runs as root. */
class HostileLayerTest {
    @TempDir
    Path work;

    /** Names, links and whiteouts of what is outside the layer. */
    private List<Tar> leadingOut() {
        return List.of(
                new Tar().file("../escaped", "x"),
                new Tar().file("a/../../escaped", "x"),
                new Tar().symlink("up", "..").file("up/escaped", "x"),
                new Tar().symlink("abs", work.toString()).file("abs/escaped", "x"),
                new Tar().symlink("abs", work.toString()).file("abs/deeper/escaped", "x"),
                new Tar().symlink("up", "../..").link("mine", "up/secret"),
                new Tar().link("mine", "../../secret"),
                new Tar().symlink("proc", "/proc/self/root").file("proc/" + work + "/escaped", "x"),
                new Tar().symlink("up", "..").file("up/.wh.secret", ""),
                new Tar().symlink("abs", work.toString()).file("abs/.wh..wh..opq", ""),
                new Tar().symlink("abs", work.toString()).directory("abs/made/", 0777),
                new Tar().symlink("abs", work.toString()).symlink("abs/made", "x"),
                new Tar().symlink("abs", work.toString()).link("abs/made", "abs/secret"),
                new Tar().symlink("abs", work.toString()).device("abs/made", TarConstants.LF_CHR, 1));
    }

    /** Names and attributes that no file system takes. */
    private List<Tar> tooLong() {
        return List.of(
                new Tar().gnuNames().file("n".repeat(5000), ""),
                new Tar().file("n".repeat(300), ""),
                new Tar().symlink("far", "x".repeat(5000)),
                new Tar()
                        .entry("././@LongLink", (byte) 'L', "n".repeat(64 << 10), e -> {})
                        .file("x", ""),
                new Tar().pax("path=" + "n/".repeat(32 << 10)).file("x", ""),
                new Tar().pax("linkpath=" + "x".repeat(64 << 10)).symlink("far", "y"),
                new Tar().pax("linkpath=" + "x".repeat(64 << 10)).link("far", "y"),
                new Tar().entry("././@LongLink", (byte) 'L', "n".repeat(2 << 20), e -> {}),
                new Tar().file("x", "", e -> e.addPaxHeader("SCHILY.xattr.user." + "k".repeat(300), "v")),
                new Tar().file("x", "", e -> e.addPaxHeader("SCHILY.xattr.user.k", "v".repeat(70_000))));
    }

    /** What no tar archive, or no layer, can say. */
    private List<Tar> malformed() {
        return List.of(
                new Tar().file("..", "x"),
                new Tar().file(".wh...", ""),
                new Tar().file("a/.wh..", ""),
                new Tar().file("a", "x").file("a/b", "x"),
                new Tar().directory("d/", 0755).link("e", "d"),
                new Tar().link("self", "self"),
                new Tar().symlink("nothing", ""),
                new Tar().pax("GNU.sparse.major=1", "GNU.sparse.minor=0").file("x", "1".repeat(100_000)),
                new Tar().pax("path=a\0b").file("x", ""),
                new Tar().entry("p", (byte) 'x', "99999999999 path=x", e -> {}).file("x", ""),
                new Tar().entry("odd", (byte) 'Z', "", e -> {}));
    }

    @Test
    void whatIsHostileIsRefusedAndNothingIsWrittenOutside() throws Exception {
        Path root = work.resolve("state/layer");
        Files.writeString(work.resolve("secret"), "secret");
        for (Tar tar : Stream.of(leadingOut(), tooLong(), malformed())
                .flatMap(List::stream)
                .toList()) {
            byte[] bytes = tar.bytes();
            TreeRemoval.delete(root);
            assertThatThrownBy(() -> Unpacking.unpack(bytes, root)).isInstanceOf(LayerFault.class);
            try (var left = Files.list(work)) {
                assertThat(left.map(Path::getFileName).map(Path::toString))
                        .containsExactlyInAnyOrder("secret", "state");
            }
            assertThat(new Linux()
                            .lstat(null, work.resolve("secret").toString())
                            .links())
                    .isEqualTo(1);
        }
    }

    /** Links may point anywhere; what is written by their names later takes their place and leaves what they point to alone. */
    @Test
    void aWriteThroughALinkReplacesTheLink() throws Exception {
        Path secret = Files.writeString(work.resolve("secret"), "secret");
        Path root = work.resolve("layer");
        Unpacking.unpack(
                new Tar()
                        .symlink("soft", secret.toString())
                        .file("soft", "mine")
                        .symlink("other", secret.toString())
                        .link("hard", "other")
                        .file("hard", "mine")
                        .symlink("folder", work.toString())
                        .directory("folder/", 0777)
                        .file("folder/secret", "mine")
                        .symlink("node", secret.toString())
                        .entry("node", TarConstants.LF_FIFO, "", e -> e.setMode(0666))
                        .bytes(),
                root);
        assertThat(secret).hasContent("secret");
        assertThat(new Linux().lstat(null, secret.toString()).permissions()).isEqualTo(0644);
        assertThat(root.resolve("soft")).hasContent("mine");
        assertThat(root.resolve("hard")).hasContent("mine");
        assertThat(root.resolve("folder/secret")).hasContent("mine");
        assertThat(Files.isSymbolicLink(root.resolve("other"))).isTrue();
    }

    /** Both are as the image says, and out of reach of all but root: nobody passes the directory that holds the layer. */
    @Test
    void devicesAndSetUserIdProgramsAreOutOfReach() throws Exception {
        byte[] tar = new Tar()
                .file("root-shell", "#!", e -> e.setMode(04755))
                .entry("disk", TarConstants.LF_BLK, "", e -> {
                    e.setDevMajor(8);
                    e.setMode(0666);
                })
                .bytes();
        Path state = work.resolve("state");
        try (Images images = Images.open(state)) {
            StagedLayer staged = images.layers().stage();
            LayerNotes notes = Unpacking.unpack(tar, staged.files());
            images.layers().adopt(staged, Digest.sha256(tar), null, notes);
        }
        Path layer = new ImagePaths(state).layer(Digest.sha256(tar));
        assertThat(new Linux().lstat(null, layer.toString()).permissions()).isEqualTo(0700);
        assertThat(new Linux()
                        .lstat(null, layer.resolve("fs/root-shell").toString())
                        .permissions())
                .isEqualTo(04755);
        assertThat(new Linux().lstat(null, layer.resolve("fs/disk").toString()).device())
                .isNotZero();
    }

    @Test
    void aNameOfNothingButDirectoriesIsMadeAndTakenAway() throws Exception {
        Path root = work.resolve("layer");
        LayerNotes notes =
                Unpacking.unpack(new Tar().file("a/".repeat(1800) + "f", "deep").bytes(), root);
        assertThat(notes.implied()).hasSize(1800);
        TreeRemoval.delete(root);
        assertThat(root).doesNotExist();
    }

    /** The times of very many directories do not stay in memory; each has its own all the same, also one that holds others. */
    @Test
    void manyDirectoriesHaveTheirTimes() throws Exception {
        int count = 1_500;
        Tar tar = new Tar();
        for (int i = 0; i < count; i++) {
            long seconds = 1_000_000L + i;
            tar.entry("directory-" + i + "/", TarConstants.LF_DIR, "", e -> e.setModTime(seconds * 1000));
            tar.entry("directory-" + i + "/inner/", TarConstants.LF_DIR, "", e -> e.setModTime(seconds * 2000));
        }
        tar.file("directory-0", "a file now").symlink("directory-1", "/");
        Path root = work.resolve("layer");
        Unpacking.unpack(tar.bytes(), root);
        for (int i = 2; i < count; i++) {
            Path directory = root.resolve("directory-" + i);
            assertThat(seconds(directory)).isEqualTo(1_000_000 + i);
            assertThat(seconds(directory.resolve("inner"))).isEqualTo(2 * (1_000_000L + i));
        }
        try (var left = Files.list(work)) {
            assertThat(left).containsExactly(root);
        }
    }

    private static long seconds(Path file) throws Exception {
        return new Linux().lstat(null, file.toString()).modified().seconds();
    }

    @Test
    void limitsHoldAndAreNamed() throws Exception {
        byte[] tar = new Tar().file("zeros", "\0".repeat(1 << 20)).file("b", "").bytes();
        byte[] blob = Tar.gzip(tar);
        Descriptor right = new Descriptor("", Digest.sha256(blob), blob.length, Optional.empty());
        Files.createDirectories(work.resolve("layer"));
        assertThatThrownBy(() -> Unpacking.unpack(
                        new ByteArrayInputStream(blob),
                        right,
                        Digest.sha256(tar),
                        work.resolve("layer"),
                        new PullLimits(1, 1, 1 << 19, 10)))
                .isInstanceOf(TarStream.TooLarge.class)
                .hasMessage("it unpacks to more than 524288 bytes");
        assertThatThrownBy(() -> Unpacking.unpack(
                        new ByteArrayInputStream(blob),
                        right,
                        Digest.sha256(tar),
                        work.resolve("layer"),
                        new PullLimits(1, 1, 1 << 30, 1)))
                .isInstanceOf(TarStream.TooLarge.class)
                .hasMessage("it has more than 1 entries");
    }
}
