package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ListImagesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code coracle image …}: what skopeo has written is imported, and the rest of what one does with images without a kubelet. */
@DaemonTest
@CoracleOnly
final class ImageCommandTest {
    private static final String BUSYBOX = TestImages.name("busybox:1");

    static Outcome image(Rig rig, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Tools.home().resolve("bin/coracle").toString(), "image"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--socket", rig.daemon().dirs().socket().toString()));
        return rig.node().command(Duration.ofMinutes(2), command);
    }

    /** Writes busybox to where skopeo puts it: {@code docker-archive:FILE:NAME}, {@code oci:FOLDER:TAG} … */
    private static void write(Rig rig, String target) {
        // In the node's network, but with the machine's files: skopeo keeps a cache of its own.
        var _ = Outcome.of(
                        "nsenter",
                        "--target",
                        String.valueOf(rig.node().holder()),
                        "--net",
                        "--",
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "--quiet",
                        "--src-tls-verify=false",
                        "docker://" + BUSYBOX,
                        target)
                .text();
    }

    private static List<Image> list(Rig rig) {
        return rig.client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList();
    }

    private static void forget(Rig rig, String name) {
        var _ = image(rig, "remove", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive", "oci-archive", "oci"})
    void whatOthersHaveWrittenIsImportedAndRuns(String form, Rig rig) {
        forget(rig, BUSYBOX);
        String name = "registry.example/imported/" + form + ":1";
        Path file = rig.folder("import").resolve("image");
        write(rig, form + ":" + file + ":" + (form.equals("docker-archive") ? name : "1"));

        String said = form.equals("docker-archive")
                ? image(rig, "import", file.toString()).text()
                : image(rig, "import", file.toString(), "--name", name).text();

        String id = said.strip().split(" ", 2)[1];
        assertThat(said).isEqualTo(name + " " + id + "\n");
        assertThat(image(rig, "list").text()).containsPattern(id.substring(7, 19) + " +[0-9.]+ MiB  " + name + "\n");
        RunningContainer container = rig.run(Pods.named("imported").hostNetwork())
                .start(Containers.of(name).imageId(id).command("/t/pause"));
        assertThat(container.output("cat", "/etc/passwd")).contains("app:x:1000");
        assertThat(image(rig, "remove", name).text()).isEmpty();
        assertThat(image(rig, "list").text()).doesNotContain(name);
        assertThat(image(rig, "remove", name).err()).contains(name);
    }

    @Test
    void alsoWhenItIsCompressed(Rig rig) {
        Path folder = rig.folder("import");
        write(rig, "docker-archive:" + folder.resolve("a") + ":registry.example/zipped:1");
        var _ = Outcome.of("gzip", "-1", folder.resolve("a").toString()).text();
        assertThat(image(rig, "import", folder.resolve("a.gz").toString()).text())
                .startsWith("registry.example/zipped:1 sha256:");
        forget(rig, "registry.example/zipped:1");
    }

    /** As a file, through a pipe, and packed; nothing stays in the folder for temporary files. */
    @ParameterizedTest
    @ValueSource(strings = {"\"$0\" $1 < $2", "cat $2 | \"$0\" $1", "gzip -c1 $2 | \"$0\" $1"})
    void standardInputIsImported(String line, Rig rig) {
        String name = "registry.example/piped:1";
        Path file = rig.folder("import").resolve("a");
        write(rig, "docker-archive:" + file + ":" + name);
        Outcome imported = piped(rig, line.replace("$1", "image import -"), file);
        assertThat(imported.text()).startsWith(name + " sha256:");
        assertThat(list(rig)).anyMatch(image -> image.getRepoTagsList().contains(name));
        assertThat(leftovers(rig)).isEmpty();
        forget(rig, name);
    }

    @Test
    void standardInputThatEndsTooEarlyIsRefused(Rig rig) {
        Path file = rig.folder("import").resolve("a");
        write(rig, "docker-archive:" + file + ":registry.example/cut:1");
        List<Image> before = list(rig);
        Outcome cut = piped(rig, "head -c 100000 $2 | \"$0\" image import -", file);
        assertThat(cut.status()).isEqualTo(1);
        assertThat(cut.err()).contains("the archive ends in the middle of a file");
        assertThat(leftovers(rig)).isEmpty();
        assertThat(list(rig)).containsExactlyInAnyOrderElementsOf(before);
    }

    /** {@code $0} is the command and {@code $2} the file. */
    private static Outcome piped(Rig rig, String line, Path file) {
        String coracle = Tools.home().resolve("bin/coracle").toString();
        String socket = rig.daemon().dirs().socket().toString();
        return rig.node()
                .command(
                        Duration.ofMinutes(2),
                        List.of("bash", "-c", line + " --socket " + socket, coracle, "-", file.toString()));
    }

    private static String leftovers(Rig rig) {
        return rig.node()
                .command("find", "/tmp", "-maxdepth", "1", "-name", "coracle-import*")
                .text();
    }

    /** One line that changes, and is gone before anything else is said. */
    @Test
    void aTerminalShowsHowFarItIs(Rig rig) {
        String name = "registry.example/shown:1";
        Path file = rig.folder("import").resolve("a");
        write(rig, "docker-archive:" + file + ":" + name);
        String command = Tools.home().resolve("bin/coracle") + " image import " + file + " --socket "
                + rig.daemon().dirs().socket();
        String shown = rig.node()
                .command(
                        Duration.ofMinutes(2),
                        List.of("script", "--quiet", "--return", "--command", command, "/dev/null"))
                .text();
        assertThat(shown).contains("\r\033[K0.0 MiB of ");
        assertThat(shown.substring(shown.lastIndexOf("\033[K"))).startsWith("\033[K" + name + " sha256:");
        forget(rig, name);
    }

    /** There is nothing to be erased, and a line every five seconds at most. */
    @Test
    void aFileHasPlainLines(Rig rig) {
        String name = "registry.example/plain:1";
        Path file = rig.folder("import").resolve("a");
        write(rig, "docker-archive:" + file + ":" + name);
        Outcome imported = image(rig, "import", file.toString());
        assertThat(imported.text()).startsWith(name + " sha256:");
        assertThat(imported.err().lines()).allMatch(line -> line.matches("[0-9.]+ MiB of [0-9.]+ MiB"));
        forget(rig, name);
    }

    /** A byte of the configuration, or of the manifest, is another: what is imported is checked as what is pulled. */
    @ParameterizedTest
    @ValueSource(strings = {"\"rootfs\"", "\"layers\""})
    void anArchiveThatLiesIsRefusedAndLeavesNothing(String part, Rig rig) throws IOException {
        forget(rig, BUSYBOX);
        Path folder = rig.folder("import").resolve("layout");
        write(rig, "oci:" + folder + ":1");
        List<Image> before = list(rig);
        try (var files = Files.list(folder.resolve("blobs/sha256"))) {
            for (Path file : files.filter(f -> f.toFile().length() < 50_000).toList()) {
                String text = Files.readString(file);
                Files.writeString(file, text.contains(part + ":[") || text.contains(part + ":{") ? text + " " : text);
            }
        }

        Outcome refused = image(rig, "import", folder.toString(), "--name", "registry.example/lies:1");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).containsAnyOf("content with digest", "is not what its name says");
        assertThat(list(rig)).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void namesAreNeeded(Rig rig) {
        Path folder = rig.folder("import").resolve("layout");
        write(rig, "oci:" + folder + ":1");
        assertThat(image(rig, "import", folder.toString()).err())
                .contains("has no whole name in it; give one with --name");
        assertThat(image(rig, "import", "/etc/passwd").err())
                .contains("coracle: ")
                .contains("/etc/passwd: ");
        assertThat(image(rig, "burn").status()).isEqualTo(2);
    }

    @Test
    void pullAndRemove(Rig rig) {
        forget(rig, BUSYBOX);
        String id = image(rig, "pull", BUSYBOX).text().strip();
        assertThat(list(rig)).anyMatch(image -> image.getId().equals(id));
        assertThat(image(rig, "remove", id).text()).isEmpty();
        assertThat(list(rig)).noneMatch(image -> image.getId().equals(id));
        Outcome missing = image(rig, "pull", TestImages.name("never-pushed:1"));
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("never-pushed:1");
    }
}
