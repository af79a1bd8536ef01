package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Blob;
import dev.coracle.image.Tar;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

/** Layers made to do harm, pulled by the packaged daemon: each is refused with a reason, or kept where it does none. */
@DaemonTest
@CoracleOnly
final class HostileLayerPullTest {
    /** @param said how the refusal goes on after the layer's digest */
    private record Hostile(Tar tar, String said) {}

    private static final String LONG = "n".repeat(64 << 10);

    /** Names of what is outside, and what is written, linked, hidden or made by way of a link that leads there. */
    private static List<Hostile> leadingOut(ImageStage stage) {
        String out = stage.folder().toString();
        String way = "the way to /%s leads out of the layer";
        return List.of(
                new Hostile(new Tar().file("../escaped", "x"), "the name ../escaped leads out of the layer"),
                new Hostile(new Tar().file("a/../../x", "x"), "the name a/../../x leads out of the layer"),
                new Hostile(new Tar().file("/../x", "x"), "the name /../x leads out of the layer"),
                new Hostile(new Tar().file("..", "x"), "the name .. leads out of the layer"),
                new Hostile(new Tar().symlink("up", "..").file("up/x", "x"), way.formatted("up")),
                new Hostile(new Tar().symlink("abs", out).file("abs/secret", "x"), way.formatted("abs")),
                new Hostile(new Tar().symlink("abs", out).file("abs/deeper/x", "x"), way.formatted("abs/deeper")),
                new Hostile(
                        new Tar().symlink("p", "/proc/self/root").file("p" + out + "/secret", "x"),
                        way.formatted("p" + out)),
                new Hostile(new Tar().symlink("abs", out).directory("abs/made/", 0777), way.formatted("abs")),
                new Hostile(new Tar().symlink("abs", out).symlink("abs/made", "x"), way.formatted("abs")),
                new Hostile(
                        new Tar().symlink("abs", out).device("abs/made", TarConstants.LF_CHR, 1), way.formatted("abs")),
                new Hostile(new Tar().symlink("abs", out).link("abs/made", "abs/secret"), way.formatted("abs")),
                new Hostile(new Tar().symlink("abs", out).link("mine", "abs/secret"), way.formatted("abs")),
                new Hostile(
                        new Tar().link("mine", "../../../../../secret"),
                        "the name ../../../../../secret leads out of the layer"));
    }

    /** Whiteouts of what is outside, and of what nothing can be. */
    private static List<Hostile> hidingWhatIsOutside(ImageStage stage) {
        String out = stage.folder().toString();
        return List.of(
                new Hostile(
                        new Tar().symlink("abs", out).file("abs/.wh.secret", ""),
                        "the way to /abs leads out of the layer"),
                new Hostile(
                        new Tar().symlink("abs", out).file("abs/.wh..wh..opq", ""),
                        "the way to /abs leads out of the layer"),
                new Hostile(new Tar().file("../.wh.secret", ""), "the name ../.wh.secret leads out of the layer"),
                new Hostile(new Tar().file(".wh...", ""), "the whiteout /.wh... hides nothing that can be"),
                new Hostile(new Tar().file("a/.wh..", ""), "the whiteout /a/.wh.. hides nothing that can be"),
                new Hostile(new Tar().file(".wh.", ""), "the whiteout /.wh. hides nothing that can be"));
    }

    /** Names and targets that no file system takes, in every way that a tar archive has for them. */
    private static List<Hostile> tooLong() {
        String name = "the name nnnn";
        return List.of(
                new Hostile(new Tar().pax("path=" + LONG).file("x", ""), name),
                new Hostile(
                        new Tar()
                                .entry("././@LongLink", (byte) 'L', LONG, e -> {})
                                .file("x", ""),
                        name),
                new Hostile(new Tar().pax("path=" + "n/".repeat(32 << 10)).file("x", ""), "the name n/n/n/"),
                new Hostile(new Tar().pax("linkpath=" + LONG).link("far", "y"), name),
                new Hostile(new Tar().pax("linkpath=" + LONG).symlink("far", "y"), "the entry /far cannot be made"),
                new Hostile(new Tar().file("n".repeat(300), ""), "the entry /nnnn"),
                new Hostile(
                        new Tar().entry("././@LongLink", (byte) 'L', "n".repeat(2 << 20), e -> {}),
                        "a tar extension header of 2097152 bytes"));
    }

    /** What no archive, or no layer, can say. */
    private static List<Hostile> malformed() {
        return List.of(
                new Hostile(new Tar().file("a", "x").file("a/b", "x"), "/a is no directory, but something lies in it"),
                new Hostile(
                        new Tar().directory("d/", 0777).link("e", "d"),
                        "the hard link /e leads to /d, which is no file"),
                new Hostile(new Tar().link("self", "self"), "the hard link /self leads to /self"),
                new Hostile(new Tar().symlink("nothing", ""), "the entry /nothing cannot be made: "),
                new Hostile(new Tar().pax("path=a\0b").file("x", ""), "a name has a zero byte in it"),
                new Hostile(
                        new Tar()
                                .entry("p", (byte) 'x', "99999999999 path=x", e -> {})
                                .file("x", ""),
                        "a PAX header is malformed"),
                new Hostile(new Tar().pax("size=-5").file("x", "12345"), "a PAX header has \"-5\" for size"),
                new Hostile(new Tar().entry("odd", (byte) 'Z', "", e -> {}), "entry odd has the unknown type 'Z'"));
    }

    @Test
    void whatLeadsOutIsRefusedAndNothingIsWrittenOutside(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            refuseAll(
                    stage,
                    Stream.concat(leadingOut(stage).stream(), hidingWhatIsOutside(stage).stream())
                            .toList());
        }
    }

    @Test
    void whatNoFileSystemOrArchiveHasIsRefused(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            refuseAll(
                    stage,
                    Stream.concat(tooLong().stream(), malformed().stream()).toList());
        }
    }

    private static void refuseAll(ImageStage stage, List<Hostile> cases) {
        for (int i = 0; i < cases.size(); i++) {
            String image = "hostile:" + i;
            Blob layer = stage.registry().put(image, cases.get(i).tar().bytes());
            stage.refuses(
                    image,
                    Code.INVALID_ARGUMENT,
                    "image: layer " + layer.digest() + ": " + cases.get(i).said());
        }
    }

    /** An absolute name is one of the layer's own; by the name of a link its place is taken, and what it points to stays as it is. */
    @Test
    void namesAndLinksOfWhatIsOutsideStayInside(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            String secret = stage.secret().toString();
            Tar tar = new Tar()
                    .file(secret, "absolute")
                    .symlink("soft", secret)
                    .file("soft", "mine")
                    .symlink("other", secret)
                    .link("hard", "other")
                    .file("hard", "mine")
                    .symlink("folder", stage.folder().toString())
                    .directory("folder/", 0777)
                    .file("folder/secret", "mine")
                    .symlink("node", secret)
                    .entry("node", TarConstants.LF_FIFO, "", e -> e.setMode(0666));
            Path files = keptAndLater(stage, tar, "links:1");
            assertThat(files.resolve(secret.substring(1))).hasContent("absolute");
            for (String name : List.of("soft", "hard", "folder/secret")) {
                assertThat(files.resolve(name)).as(name).hasContent("mine");
            }
            assertThat(Files.isSymbolicLink(files.resolve("other"))).isTrue();
            stage.remove(stage.registry().name("links:1"));
        }
    }

    /** As containerd keeps them: nobody but root passes the directory that the layer is in, and a container has neither right by them. */
    @Test
    void devicesAndSetUserIdProgramsAreKeptOutOfReach(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            Tar tar = new Tar()
                    .entry("root-shell", TarConstants.LF_NORMAL, "#!", e -> e.setMode(04755))
                    .device("disk", TarConstants.LF_BLK, 8)
                    .device("mem", TarConstants.LF_CHR, 1);
            Path files = keptAndLater(stage, tar, "devices:1");
            assertThat(mode(files.resolve("root-shell"))).isEqualTo("104755");
            assertThat(mode(files.resolve("disk"))).isEqualTo("60666");
            assertThat(mode(files.resolve("mem"))).isEqualTo("20666");
            assertThat(mode(files.resolveSibling("."))).isEqualTo("40700");
            Outcome nobody = rig.node()
                    .command(
                            "setpriv",
                            "--reuid=65534",
                            "--regid=65534",
                            "--clear-groups",
                            "stat",
                            stage.daemon().dirs().state() + "/images/layers/" + files.getName(files.getNameCount() - 2)
                                    + "/fs/root-shell");
            assertThat(nobody.status()).isNotZero();
            assertThat(nobody.err()).contains("Permission denied");
            stage.remove(stage.registry().name("devices:1"));
        }
    }

    /** Pulls an image of this layer, which changes nothing outside; the layer's files, and after removal as if it had not been. */
    private static Path keptAndLater(ImageStage stage, Tar tar, String image) {
        stage.registry().put(image, tar.bytes());
        Map<String, String> before = stage.tree();
        String id = stage.pull(image);
        stage.remove(id);
        stage.awaitTree(image, before);
        assertThat(stage.pull(image)).isEqualTo(id);
        List<String> changed = new ArrayList<>();
        Map<String, String> after = stage.tree();
        before.forEach((name, is) -> {
            if (!is.equals(after.get(name))) {
                changed.add(name);
            }
        });
        after.keySet().stream()
                .filter(name -> !before.containsKey(name) && !name.startsWith("state/images/"))
                .forEach(changed::add);
        assertThat(changed).as("what is not the image's").isEmpty();
        return stage.images()
                .resolve("layers")
                .resolve(new Blob(tar.bytes()).digest().replace(':', '-'))
                .resolve("fs");
    }

    private static String mode(Path file) throws IOException {
        return Integer.toOctalString(
                (int) Files.getAttribute(file, "unix:mode", java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }
}
