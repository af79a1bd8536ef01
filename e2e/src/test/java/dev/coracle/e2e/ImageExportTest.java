package dev.coracle.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code coracle image export} writes is read by others, and is the same file system wherever it is unpacked again. */
@DaemonTest
@CoracleOnly
final class ImageExportTest {
    private static final List<String> IMAGES = List.of("odd:1", "whiteouts:1", "implied:1", "stacked:1", "root:own");

    private static final String OTHER = "registry.example/brought/elsewhere:1";

    /** What is younger has no time in any of these images: it is as old as the unpacking. */
    private static final Instant NEWER = Instant.parse("2024-01-01T00:00:00Z");

    private static Outcome image(Rig rig, String... arguments) {
        return ImageCommandTest.image(rig, arguments);
    }

    private static TreeListing pulled(Rig rig, String name) {
        var _ = image(rig, "remove", name);
        return SystemTreeTest.mounted(rig, rig.client().pull(name));
    }

    private static List<String> inside(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Each unpacks what has no time in its own way. */
    private static List<String> differences(TreeListing theirs, TreeListing ours) {
        ours.times().forEach((name, time) -> {
            if (time.isAfter(NEWER)) {
                theirs.times().put(name, time);
            }
        });
        return SystemTreeTest.differences(theirs, ours, NEWER);
    }

    private static Outcome skopeo(String... arguments) {
        List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        return Outcome.of(command);
    }

    @Test
    void everyEntryIsThereAgainAfterAnImport(Rig rig) throws IOException {
        Map<String, TreeListing> before = new LinkedHashMap<>();
        IMAGES.forEach(image -> before.put(TestImages.name(image), pulled(rig, TestImages.name(image))));
        Path folder = rig.folder("export");
        Path file = folder.resolve("all.tar");
        List<String> words = new ArrayList<>(List.of("export", file.toString()));
        words.addAll(before.keySet());

        Outcome exported = image(rig, words.toArray(String[]::new));

        assertThat(exported.text().lines().map(line -> line.split(" ", 2)[0]))
                .containsExactlyElementsOf(before.keySet());
        assertThat(exported.err())
                .endsWith("coracle: layers are packed anew: images have other ids and digests there than here\n");
        assertThat(inside(folder)).containsExactly("all.tar");
        before.keySet().forEach(name -> image(rig, "remove", name).text());
        assertThat(image(rig, "import", file.toString()).text()).isEqualTo(exported.out());
        int compared = 0;
        for (Map.Entry<String, TreeListing> image : before.entrySet()) {
            TreeListing again = SystemTreeTest.mounted(rig, image.getKey());
            assertThat(differences(image.getValue(), again)).as(image.getKey()).isEmpty();
            compared += again.entries().size();
            assertThat(image(rig, "remove", image.getKey()).text()).isEmpty();
        }
        assertThat(compared).isGreaterThan(300);
    }

    @Test
    void othersReadTheArchiveAndUnpackIt(Rig rig) {
        Path folder = rig.folder("export");
        for (String tested : List.of("odd:1", "stacked:1")) {
            String name = TestImages.name(tested);
            TreeListing expected = pulled(rig, name);
            Path file = folder.resolve(tested.replace(':', '-') + ".tar");
            String id =
                    image(rig, "export", file.toString(), name).text().strip().split(" ", 2)[1];
            assertThat(skopeo("inspect", "--raw", "oci-archive:" + file + ":1").text())
                    .contains(id);
            String config = skopeo("inspect", "--config", "--raw", "oci-archive:" + file + ":1")
                    .text();
            assertThat(config).contains("\"history\"").contains("diff_ids");
            assertThat(skopeo("inspect", "docker-archive:" + file + ":" + name).text())
                    .contains("\"Layers\"");
            Path layout = folder.resolve("layout-" + file.getFileName());
            var _ = skopeo("copy", "--quiet", "docker-archive:" + file + ":" + name, "oci:" + layout + ":1")
                    .text();
            Path bundle = folder.resolve("bundle-" + file.getFileName());
            var _ = Outcome.of("umoci", "unpack", "--image", layout + ":1", bundle.toString())
                    .text();
            assertThat(differences(TreeListing.of(bundle.resolve("rootfs")), expected))
                    .as(tested)
                    .isEmpty();
        }
    }

    /** From each form that we write to another file: the configuration is the same to the byte, and the layers are those that it names. */
    @Test
    void skopeoBringsItToEachFormAndItKeepsItsId(Rig rig) throws Exception {
        String name = TestImages.name("stacked:1");
        var _ = rig.client().pull(name);
        Path folder = rig.folder("export");
        Path file = folder.resolve("image.tar");
        String id = image(rig, "export", file.toString(), name).text().strip().split(" ", 2)[1];
        assertThat(image(rig, "export", folder.resolve("layout") + "/", name).text())
                .isEqualTo(name + " " + id + "\n");
        List<String> ours =
                List.of("oci-archive:" + file + ":1", "docker-archive:" + file, "oci:" + folder + "/layout:1");
        // Not from docker's form to OCI's: that skopeo writes anew.
        List<String> forms = List.of("docker-archive:%s:" + OTHER, "docker-archive:%s:" + OTHER, "oci-archive:%s:1");
        for (int i = 0; i < forms.size(); i++) {
            Path made = folder.resolve("made-" + i);
            String there = forms.get(i).formatted(made);
            var _ = skopeo("copy", "--quiet", ours.get(i), there).text();
            byte[] config = skopeo("inspect", "--config", "--raw", there).text().getBytes(UTF_8);
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            assertThat("sha256:" + HexFormat.of().formatHex(hash.digest(config)))
                    .as(there)
                    .isEqualTo(id);
            assertThat(image(rig, "import", made.toString(), "--name", OTHER).text())
                    .as(there)
                    .isEqualTo(OTHER + " " + id + "\n");
            assertThat(image(rig, "remove", OTHER).text()).isEmpty();
        }
    }

    @Test
    void containerdUnpacksTheSame(Rig rig) {
        String name = TestImages.name("stacked:1");
        TreeListing expected = pulled(rig, name);
        Path layout = rig.folder("export").resolve("layout");
        assertThat(image(rig, "export", layout + "/", name).status()).isZero();
        try (ContainerdTrees others = ContainerdTrees.start(Path.of("target", "nodes"))) {
            assertThat(differences(others.imported(layout, name), expected)).isEmpty();
        }
    }

    @Test
    void standardOutputTakesItToo(Rig rig) {
        String name = TestImages.BUSYBOX;
        var _ = rig.client().pull(name);
        Path file = rig.folder("export").resolve("packed.tar.gz");
        String socket = rig.daemon().dirs().socket().toString();
        Outcome piped = rig.node()
                .command(
                        Duration.ofMinutes(2),
                        List.of(
                                "bash",
                                "-o",
                                "pipefail",
                                "-c",
                                "\"$0\" image export - " + name + " --socket " + socket + " | gzip -1 > " + file,
                                Tools.home().resolve("bin/coracle").toString()));
        assertThat(piped.status()).isZero();
        String told = piped.err()
                .lines()
                .filter(line -> line.startsWith(name + " sha256:"))
                .findFirst()
                .orElseThrow();
        assertThat(image(rig, "import", file.toString()).text()).isEqualTo(told + "\n");
    }

    @Test
    void whatCannotBeWrittenLeavesNothing(Rig rig) throws IOException {
        String name = TestImages.BUSYBOX;
        var _ = rig.client().pull(name);
        Path folder = rig.folder("export");
        Files.writeString(folder.resolve("mine"), "mine");
        Outcome full = image(rig, "export", "/dev/full", name);
        assertThat(full.status()).isEqualTo(1);
        assertThat(full.err()).contains("export " + name + ": No space left on device");
        assertThat(image(rig, "export", folder.toString(), name).err())
                .contains("has something in it; an export needs one for itself");
        Outcome missing = image(rig, "export", folder.resolve("new.tar").toString(), name, "registry.example/never:1");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("registry.example/never:1");
        assertThat(image(rig, "export", folder.resolve("new.tar").toString()).status())
                .isEqualTo(2);
        assertThat(inside(folder)).containsExactly("mine");
        assertThat(folder.resolve("mine")).hasContent("mine");
    }
}
