package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.Compression;
import dev.coracle.e2e.images.Json;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

/** Archives made to do harm: {@code coracle image import} says what is wrong with each, and nothing is written anywhere. */
@DaemonTest
@CoracleOnly
final class HostileArchiveTest {
    private static final String NAME = "registry.example/hostile:1";
    private static final byte[] TAR = new Tar().file("a", "x".repeat(50_000)).bytes();
    private static final Blob LAYER = new Blob(Compression.GZIP.compress(TAR));
    private static final Blob CONFIGURATION = OciImage.configuration(new Blob(TAR).digest());
    private static final Blob MANIFEST = OciImage.manifest(CONFIGURATION, LAYER, LAYER.bytes().length);

    private static String path(Blob blob) {
        return "blobs/" + blob.digest().replace(':', '/');
    }

    private static byte[] index(String type, String digest) {
        return Json.bytes(Json.object(
                "schemaVersion", 2, "manifests", List.of(Json.object("mediaType", type, "digest", digest, "size", 1))));
    }

    /** An archive whose index names this manifest, with these blobs. */
    private static Tar layout(String digest, Blob... blobs) {
        Tar tar = new Tar().file("index.json", index(OciImage.MANIFEST, digest));
        Arrays.stream(blobs).forEach(blob -> tar.file(path(blob), blob.bytes()));
        return tar;
    }

    private static Tar saved(String config, String layer) {
        return new Tar()
                .file(
                        "manifest.json",
                        "[{\"Config\":\"" + config + "\",\"RepoTags\":[\"" + NAME + "\"],\"Layers\":[\"" + layer
                                + "\"]}]")
                .file("config.json", CONFIGURATION.bytes())
                .file("layer.tar", TAR);
    }

    private static void refuses(ImageStage stage, Tar archive, String message) {
        refuses(stage, archive.bytes(), message);
    }

    private static void refuses(ImageStage stage, byte[] archive, String message) {
        Path file = stage.folder().resolveSibling(stage.folder().getFileName() + ".tar");
        try {
            Files.write(file, archive);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        refuses(stage, file, message);
    }

    private static void refuses(ImageStage stage, Path archive, String message) {
        stage.leavesNothing(message, () -> {
            Outcome refused = stage.image("import", archive.toString(), "--name", NAME);
            assertThat(refused.err()).contains("coracle: ").contains(message).doesNotContain("\tat ", "internal error");
            assertThat(refused.status()).as(message).isEqualTo(1);
            assertThat(refused.out()).as(message).isEmpty();
        });
    }

    @Test
    void namesThatLeadOutOfTheArchiveFindNothing(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            String secret = stage.secret().toString();
            refuses(stage, new Tar().symlink("index.json", secret), "it has neither index.json nor manifest.json");
            refuses(
                    stage,
                    new Tar().symlink("index.json", "loop").symlink("loop", "index.json"),
                    "it has neither index.json nor manifest.json");
            refuses(stage, saved("../../../.." + secret, "layer.tar"), "../../../.." + secret + " is missing");
            refuses(stage, saved("config.json", secret), secret + " is missing");
            refuses(stage, layout("sha256:../../../../secret"), "not 64 lower-case hex digits");
            refuses(
                    stage,
                    layout(MANIFEST.digest(), MANIFEST, CONFIGURATION).symlink(path(LAYER), secret),
                    LAYER.digest());
            refuses(stage, new Tar().pax("path=a\0b").symlink("x", "y"), "a name has a zero byte in it");
            refuses(stage, new Tar().pax("linkpath=a\0b").symlink("x", "y"), "a name has a zero byte in it");
            refuses(stage, saved("a\\u0000b", "layer.tar"), " is missing");
        }
    }

    @Test
    void layoutsInFoldersLeadNowhereElse(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            Path folder = Files.createDirectory(
                    stage.folder().resolveSibling(stage.folder().getFileName() + "-layout"));
            String out = "../" + stage.folder().getFileName() + "/secret";
            for (String name : List.of(out, stage.secret().toString(), "a\\u0000b")) {
                Files.writeString(
                        folder.resolve("manifest.json"),
                        "[{\"Config\":\"" + name + "\",\"RepoTags\":[],\"Layers\":[]}]");
                refuses(stage, folder, " is missing");
            }
        }
    }

    @Test
    void whatIsNotAsTheArchiveSaysIsRefused(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            Tar hostile = new Tar().symlink("up", "..").file("up/escaped", "x");
            Blob layer = new Blob(Compression.ZSTD.compress(hostile.bytes()));
            Blob configuration = OciImage.configuration(new Blob(hostile.bytes()).digest());
            Blob manifest = OciImage.manifest(configuration, layer, layer.bytes().length);
            refuses(
                    stage,
                    layout(manifest.digest(), manifest, configuration, layer),
                    layer.digest() + ": the way to /up leads out of the layer");
            refuses(stage, layout(MANIFEST.digest()), "blob " + MANIFEST.digest() + " is missing");
            refuses(
                    stage,
                    layout(MANIFEST.digest()).file(path(MANIFEST), manifest.bytes()),
                    "blob " + MANIFEST.digest() + " is not what its name says");
            refuses(stage, layout(MANIFEST.digest(), MANIFEST, LAYER), CONFIGURATION.digest());
            refuses(
                    stage,
                    layout(MANIFEST.digest(), MANIFEST, LAYER).file(path(CONFIGURATION), configuration.bytes()),
                    "content with digest " + configuration.digest());
            refuses(
                    stage,
                    layout(MANIFEST.digest(), MANIFEST, CONFIGURATION).file(path(LAYER), layer.bytes()),
                    LAYER.digest());
            Blob small = OciImage.manifest(CONFIGURATION, LAYER, 12);
            refuses(stage, layout(small.digest(), small, CONFIGURATION, LAYER), LAYER.digest());
            refuses(stage, layout(MANIFEST.digest(), MANIFEST, manifest).file("index.json", "{"), "not JSON: ");
            refuses(stage, new Tar().file("index.json", " ".repeat(5 << 20)), "a document of 5242880 bytes");
            nested(stage);
        }
    }

    private static void nested(ImageStage stage) {
        Tar tar = new Tar();
        Blob inner = MANIFEST;
        tar.file(path(inner), inner.bytes());
        for (int i = 0; i < 4; i++) {
            inner = new Blob(index(OciImage.INDEX, inner.digest()));
            tar.file(path(inner), inner.bytes());
        }
        tar.file("index.json", index(OciImage.INDEX, inner.digest()));
        refuses(stage, tar, "is an index of indexes of indexes");
    }

    @Test
    void whatIsCutOffIsRefused(Rig rig) {
        byte[] whole = layout(MANIFEST.digest(), MANIFEST, CONFIGURATION, LAYER).bytes();
        byte[] packed = Compression.GZIP.compress(whole);
        try (ImageStage stage = ImageStage.open(rig, "")) {
            refuses(stage, Arrays.copyOf(whole, 600), "the archive ends in the middle of a file");
            refuses(stage, Arrays.copyOf(whole, 1024 + 100), "the archive ends in the middle of a header");
            refuses(stage, Arrays.copyOf(packed, packed.length / 2), "Unexpected end of ZLIB input stream");
            refuses(stage, new byte[0], "it has neither index.json nor manifest.json");
            refuses(
                    stage,
                    new Tar().pax("size=" + (1L << 50)).file("index.json", "{}"),
                    "the archive ends in the middle of a file");
            refuses(
                    stage,
                    new Tar().entry("x", TarConstants.LF_PAX_EXTENDED_HEADER_LC, "9 path=x", e -> {}),
                    "a PAX header is malformed");
            refuses(stage, "this is no archive".repeat(100).getBytes(StandardCharsets.US_ASCII), "wrong checksum");
        }
    }

    /** It has to be unpacked before anything in it can be judged. */
    @Test
    void whatIsTooLargeUnpackedIsRefused(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "[images]\nmax_layer_size = \"8MiB\"\n")) {
            refuses(
                    stage,
                    Compression.GZIP.compress(new byte[9 << 20]),
                    "unpacked it has more than 8388608 bytes: see images.max_layer_size");
        }
    }
}
