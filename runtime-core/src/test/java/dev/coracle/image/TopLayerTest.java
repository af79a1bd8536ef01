package dev.coracle.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.image.LayerStack.RootDirectory;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an image shows, seen through a real overlay: layers unpacked apart must show what they would show on top of each other. */
class TopLayerTest {
    @TempDir
    Path work;

    @AutoClose
    private final TestRegistry registry = new TestRegistry();

    @Test
    void aDirectoryThatAnUpperLayerOnlyImpliesKeepsWhatItIs() throws Exception {
        Tar lower = new Tar()
                .directory("tmp/", 01777)
                .entry("home/", TarConstants.LF_DIR, "", owned(0, 0, 0755))
                .entry("home/user/", TarConstants.LF_DIR, "", owned(1000, 1000, 0700))
                .entry("var/mail/", TarConstants.LF_DIR, "", owned(0, 8, 02775))
                .entry("changed/", TarConstants.LF_DIR, "", owned(5, 5, 0750))
                .entry("gone/", TarConstants.LF_DIR, "", owned(5, 5, 0750))
                .entry("cap/", TarConstants.LF_DIR, "", e -> e.addPaxHeader("SCHILY.xattr.user.k", "v"));
        Tar middle = new Tar()
                .file("tmp/a", "a")
                .file("home/user/.config/b", "b")
                .file("var/mail/c", "c")
                .file("changed/d", "d")
                .file(".wh.gone", "")
                .file("cap/e", "e");
        Tar upper = new Tar()
                .entry("changed/", TarConstants.LF_DIR, "", owned(6, 6, 0711))
                .file("gone/f", "f")
                .file("home/user/g", "g");

        shown(image("1", lower, middle, upper), root -> {
            assertThat(mode(root, "tmp")).isEqualTo("1777 0:0");
            assertThat(mode(root, "home")).isEqualTo("755 0:0");
            assertThat(mode(root, "home/user")).isEqualTo("700 1000:1000");
            assertThat(mode(root, "home/user/.config")).isEqualTo("755 0:0");
            assertThat(mode(root, "var/mail")).isEqualTo("2775 0:8");
            assertThat(mode(root, "changed")).isEqualTo("711 6:6");
            assertThat(mode(root, "gone")).isEqualTo("755 0:0");
            assertThat(root.resolve("tmp/a")).hasContent("a");
            assertThat(root.resolve("home/user/.config/b")).hasContent("b");
            assertThat(root.resolve("home/user/g")).hasContent("g");
            assertThat(root.resolve("changed/d")).hasContent("d");
            assertThat(xattr(root.resolve("cap"), "user.k")).isEqualTo("v");
            assertThat(stat(root, "tmp").modified().seconds()).isEqualTo(1_700_000_000);
        });
    }

    /** On a node with SELinux the kernel gives every file of a layer one. */
    @Test
    void theNodesLabelIsNoAttributeOfTheImages() throws Exception {
        Path directory = Files.createDirectories(upper().resolve("d"));
        new Linux().lsetxattr(directory.toString(), "security.selinux", "system_u:object_r:ours_t:s0".getBytes(UTF_8));
        new Linux().lsetxattr(directory.toString(), "user.k", "v".getBytes(UTF_8));
        LayerNotes notes = new LayerNotes(0, 0, false, false, Set.of(), Map.of());
        try (LayerView view = new LayerView(upper(), notes)) {
            assertThat(view.xattrs(new LayerPath("d"))).containsOnlyKeys("user.k");
        }
    }

    @Test
    void aHardLinkIntoALowerLayerIsMade() throws Exception {
        Tar lower = new Tar()
                .entry("bin/", TarConstants.LF_DIR, "", owned(0, 0, 0711))
                .file("bin/tool", "tool")
                .file("bin/hidden", "x");
        Tar upper = new Tar()
                .link("bin/alias", "bin/tool")
                .link("bin/second", "bin/alias")
                .link("bin/late", "bin/hidden");
        Tar top = new Tar().file("bin/.wh.late", "");

        shown(image("1", lower, upper, top), root -> {
            assertThat(root.resolve("bin/alias")).hasContent("tool");
            assertThat(root.resolve("bin/second")).hasContent("tool");
            assertThat(root.resolve("bin/late")).doesNotExist();
            assertThat(mode(root, "bin")).isEqualTo("711 0:0");
            assertThat(stat(root, "bin/alias").inode())
                    .isEqualTo(stat(root, "bin/second").inode());
        });
    }

    @Test
    void aHardLinkToNothingIsTheImagesFault() {
        assertThatThrownBy(() -> image("1", new Tar().file("a", ""), new Tar().link("b", "none")))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("the hard link /b leads to /none, which no layer has");
    }

    @Test
    void nothingIsPutOnTopWhereNothingIsWrong() throws Exception {
        LayerStack plain = image("1", new Tar().directory("d/", 0755), new Tar().file("d/f", "f"));
        assertThat(plain.names()).hasSize(2);
        assertThat(plain.root()).isEqualTo(RootDirectory.DEFAULT);
    }

    @Test
    void anOpaqueRootCutsAndTheUppermostRootEntryCounts() throws Exception {
        LayerStack stack = image(
                "1",
                new Tar().file("old", "old"),
                new Tar()
                        .entry("./", TarConstants.LF_DIR, "", owned(3, 4, 0751))
                        .file(".wh..wh..opq", "")
                        .file("new", "n"),
                new Tar().file("newer", "n"));
        assertThat(stack.names()).hasSize(2);
        assertThat(stack.root()).isEqualTo(new RootDirectory(0751, 3, 4));
        shown(stack, root -> {
            assertThat(root.resolve("old")).doesNotExist();
            assertThat(root.resolve("new")).exists();
        });
    }

    @Test
    void aLayerThatComesTwiceIsMountedOnce() throws Exception {
        Tar[] same = {new Tar().file("a", "1"), new Tar().file(".wh.a", ""), new Tar().file("a", "1")};
        LayerStack stack = image("1", same);
        assertThat(stack.names()).hasSize(2);
        shown(stack, root -> assertThat(root.resolve("a")).hasContent("1"));
    }

    @Test
    void fortyLayersStayBelowTheLengthOfAnOption() throws Exception {
        Tar[] layers = new Tar[40];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = new Tar().file("f" + i, "");
        }
        LayerStack stack = image("1", layers);
        assertThat(String.join(":", stack.names())).hasSizeLessThan(200);
        shown(stack, root -> assertThat(root.toFile().list()).hasSize(40));
    }

    private LayerStack image(String tag, Tar... tars) {
        LayerBlob[] layers = new LayerBlob[tars.length];
        for (int i = 0; i < tars.length; i++) {
            layers[i] = LayerBlob.gzip(tars[i]);
        }
        registry.image("a", tag, layers);
        try (Images images = Images.open(work.resolve("state"));
                Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
            Image image =
                    pulls.pull(registry.host() + "/a:" + tag, Credentials.NONE).await();
            return images.lease("c", image.id().toString());
        }
    }

    /** Mounts the layers as a container gets them, in a mount namespace's worth of care: it is taken down whatever happens. */
    private void shown(LayerStack stack, Consumer<Path> check) throws Exception {
        Path mounted = Files.createDirectories(work.resolve("mounted"));
        String lower = String.join(":", stack.names());
        String options = stack.names().size() == 1
                ? "lowerdir=" + lower + ",upperdir=" + upper() + ",workdir="
                        + Files.createDirectories(work.resolve("w"))
                : "lowerdir=" + lower;
        sh("cd " + stack.directory() + " && mount -t overlay overlay -o " + options + " " + mounted);
        try {
            check.accept(mounted);
        } finally {
            sh("umount " + mounted);
        }
    }

    private Path upper() throws Exception {
        return Files.createDirectories(work.resolve("u"));
    }

    private static Consumer<TarArchiveEntry> owned(int uid, int gid, int mode) {
        return entry -> {
            entry.setIds(uid, gid);
            entry.setMode(mode);
        };
    }

    private static String mode(Path root, String name) {
        FileStat stat = stat(root, name);
        return Integer.toOctalString(stat.permissions()) + " " + stat.uid() + ":" + stat.gid();
    }

    private static FileStat stat(Path root, String name) {
        try {
            return new Linux().lstat(null, root.resolve(name).toString());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String xattr(Path file, String name) {
        try {
            return new String(new Linux().lgetxattr(file.toString(), name).orElseThrow(), UTF_8);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void sh(String command) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", command).inheritIO().start();
        assertThat(process.waitFor()).as(command).isZero();
    }
}
