package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of archives, and what is refused; end-to-end tests import what other tools have made. */
class ImageArchiveTest {
    private static final String CONFIG = "{\"architecture\":\"amd64\",\"os\":\"linux\"}";
    private static final String LONG = "d".repeat(120) + "/layer.tar";

    @TempDir
    Path work;

    @Test
    void whatDockerSavesGetsAManifest() throws Exception {
        Path file = archive(new Tar()
                .file(LONG, "a layer")
                .symlink("second/layer.tar", "../" + LONG)
                .file("config.json", CONFIG)
                .file("manifest.json", """
                    [{"Config":"config.json","RepoTags":["a/b:1","a/b:2"],"Layers":["%s","second/layer.tar"]}]
                    """.formatted(LONG)));
        try (ImageArchive archive = ImageArchive.open(file, "it")) {
            ImageArchive.Offered image = archive.images().getFirst();
            assertThat(image.names()).containsExactly("a/b:1", "a/b:2");
            byte[] manifest = archive.blob(image.manifest()).orElseThrow().bytes(1 << 20);
            Digest layer = Digest.sha256("a layer".getBytes(StandardCharsets.UTF_8));
            assertThat(Manifest.parse(manifest))
                    .isInstanceOfSatisfying(
                            Manifest.Image.class,
                            read -> assertThat(read.layers())
                                    .extracting(Descriptor::digest)
                                    .containsExactly(layer, layer));
            assertThat(archive.size(image)).isEqualTo(CONFIG.length() + 2 * "a layer".length());
            assertThat(archive.blob(layer).orElseThrow().from(2).readAllBytes())
                    .asString()
                    .isEqualTo("layer");
        }
    }

    @Test
    void aLayoutOffersWhatItsIndexNames() throws Exception {
        Digest digest = Digest.sha256(CONFIG.getBytes(StandardCharsets.UTF_8));
        Path folder = work.resolve("layout");
        Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.writeString(folder.resolve("blobs/sha256/" + digest.hex()), CONFIG);
        Files.writeString(folder.resolve("index.json"), """
            {"manifests":[{"digest":"%1$s","annotations":{"org.opencontainers.image.ref.name":"1"}},
             {"digest":"%1$s","annotations":{"io.containerd.image.name":"a/b:1","org.opencontainers.image.ref.name":"1"}}]}
            """.formatted(digest));
        try (ImageArchive archive = ImageArchive.open(folder, "it")) {
            assertThat(archive.images()).containsExactly(new ImageArchive.Offered(digest, List.of("1", "a/b:1")));
            assertThat(archive.blob(digest)).isPresent();
        }
    }

    @Test
    void whatIsNoArchiveIsSaid() throws Exception {
        byte[] cut = new Tar().file("index.json", "{}" + " ".repeat(5000)).bytes();
        Path folder = Files.createDirectory(work.resolve("folder"));
        Files.writeString(work.resolve("secret"), "secret");
        Files.writeString(folder.resolve("manifest.json"), "[{\"Config\":\"../secret\",\"Layers\":[]}]");
        refused(folder, "../secret is missing");
        refused(archive(new Tar().file("other", "x")), "this is no archive of images");
        refused(archive(new Tar().file("manifest.json", "[{\"Config\":\"c\",\"Layers\":[]}]")), "c is missing");
        refused(archive(new Tar().file("index.json", "{]")), "not JSON");
        refused(Files.write(work.resolve("cut"), java.util.Arrays.copyOf(cut, 3000)), "in the middle of a file");
        refused(Files.writeString(work.resolve("text"), "x".repeat(600)), "wrong checksum");
        refused(archive(new Tar().symlink("manifest.json", "manifest.json")), "this is no archive of images");
    }

    private Path archive(Tar tar) throws Exception {
        return Files.write(Files.createTempFile(work, "archive", ".tar"), tar.bytes());
    }

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> ImageArchive.open(path, "it"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining(message);
    }
}
