package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.Compression;
import dev.coracle.e2e.images.Json;
import dev.coracle.e2e.images.Layer;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.Tar;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Images and registries made to do harm, pulled by the packaged daemon: each pull ends, says what was wrong, and leaves nothing. */
@DaemonTest
@CoracleOnly
final class HostileImagePullTest {
    private static final byte[] TAR = new Tar().file("a", "x".repeat(50_000)).bytes();
    private static final Blob LAYER = new Blob(Compression.GZIP.compress(TAR));
    private static final String DIFF_ID = new Blob(TAR).digest();
    private static final long MANIFEST_BYTES = 100L << 20;
    private static final String WRONG = "RegistryUnavailable: ";

    @Test
    void manifestsAndConfigurationsThatLieAreRefused(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            diffIds(stage);
            configurations(stage);
            indexes(stage);
            manifests(stage);
            aHugeManifest(stage);
        }
    }

    private static void diffIds(ImageStage stage) {
        String other = new Blob(new byte[3]).digest();
        stage.registry().put("diff:1", LAYER, other);
        stage.refuses(
                "diff:1",
                Code.INVALID_ARGUMENT,
                "image: layer " + LAYER.digest() + ": it unpacks to diff ID " + DIFF_ID
                        + ", the image's configuration says " + other);
        Blob two = OciImage.configuration(DIFF_ID, DIFF_ID);
        stage.registry().blob("diff", two);
        stage.registry().manifest("diff:2", OciImage.MANIFEST, OciImage.manifest(two, LAYER, LAYER.bytes().length));
        stage.refuses("diff:2", Code.INVALID_ARGUMENT, "diff:2 has 1 layers, but its configuration names 2");
    }

    private static void configurations(ImageStage stage) {
        Blob configuration = OciImage.configuration(DIFF_ID);
        Blob manifest = OciImage.manifest(configuration, LAYER, LAYER.bytes().length);
        stage.registry().manifest("config:1", OciImage.MANIFEST, manifest);
        stage.refuses("config:1", Code.NOT_FOUND, "config:1");
        Blob other = OciImage.configuration(new Blob(new byte[1]).digest());
        stage.registry().answer("config", "blobs", configuration.digest(), out -> RawRegistry.body(out, other.bytes()));
        stage.refuses("config:1", Code.UNKNOWN, "sent content with digest " + other.digest());
    }

    /** What names itself cannot have the digest that it names: the registry has to lie. */
    private static void indexes(ImageStage stage) {
        Blob inner = OciImage.manifest(OciImage.configuration(DIFF_ID), LAYER, 1);
        stage.registry().manifest("deep:0", OciImage.MANIFEST, inner);
        for (int i = 1; i <= 4; i++) {
            inner = index(inner.digest());
            stage.registry().manifest("deep:" + i, OciImage.INDEX, inner);
        }
        stage.refuses("deep:4", Code.INVALID_ARGUMENT, "deep:4 is an index of indexes of indexes");
        String self = new Blob(new byte[7]).digest();
        Blob loop = index(self);
        stage.registry().manifest("loop:1", OciImage.INDEX, loop);
        stage.registry().answer("loop", "manifests", self, out -> RawRegistry.body(out, loop.bytes()));
        stage.refuses("loop:1", Code.UNKNOWN, "sent content with digest " + loop.digest());
    }

    private static Blob index(String digest) {
        return new Blob(Json.bytes(Json.object(
                "schemaVersion",
                2,
                "manifests",
                List.of(Json.object("mediaType", OciImage.INDEX, "digest", digest, "size", 1)))));
    }

    private static void manifests(ImageStage stage) {
        manifest(stage, "text:1", "this is no manifest");
        manifest(stage, "text:2", "[" + "{},".repeat(1_000_000) + "{}]");
        manifest(stage, "text:3", "[".repeat(1_000_000));
        for (String tag : List.of("text:1", "text:2", "text:3")) {
            stage.refuses(tag, Code.INVALID_ARGUMENT, "image: its manifest is malformed: ");
        }
        manifest(stage, "text:4", "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}");
        stage.refuses("text:4", Code.INVALID_ARGUMENT, "image: its manifest is an index and an image at once");
        manifest(stage, "text:5", "{\"schemaVersion\":2}");
        stage.refuses("text:5", Code.INVALID_ARGUMENT, "image: its manifest names no configuration");
    }

    private static void manifest(ImageStage stage, String image, String text) {
        stage.registry().manifest(image, OciImage.MANIFEST, new Blob(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void aHugeManifest(ImageStage stage) {
        AtomicLong sent = new AtomicLong();
        stage.registry().answer("huge", "manifests", "1", out -> {
            RawRegistry.head(out, "200 OK", "Content-Length: " + MANIFEST_BYTES);
            pour(out, " ".getBytes(StandardCharsets.US_ASCII)[0], sent, MANIFEST_BYTES);
        });
        stage.refuses("huge:1", Code.UNKNOWN, "sends a manifest or configuration of more than 4194304 bytes");
        assertThat(sent.get()).isLessThan(MANIFEST_BYTES);
    }

    /** So many bytes, or until the client goes away. */
    private static void pour(OutputStream out, byte what, AtomicLong sent, long most) throws java.io.IOException {
        byte[] chunk = new byte[1 << 16];
        Arrays.fill(chunk, what);
        for (long left = most; left > 0; left -= chunk.length) {
            out.write(chunk);
            sent.addAndGet(chunk.length);
        }
    }

    @Test
    void blobsThatAreNotAsTheManifestSaysAreRefused(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            sizes(stage);
            digests(stage);
            truncated(stage);
            endless(stage);
            redirects(stage);
        }
    }

    private static void sizes(ImageStage stage) {
        Blob configuration = OciImage.configuration(DIFF_ID);
        int right = LAYER.bytes().length;
        stage.registry().blob("size", LAYER);
        stage.registry().blob("size", configuration);
        int tag = 0;
        for (Object size : List.of(right - 1, 0, right + 1, 1L << 40, -1, "\"9\"", "99999999999999999999")) {
            String manifest = new String(
                            OciImage.manifest(configuration, LAYER, 4711).bytes(), StandardCharsets.US_ASCII)
                    .replace("4711", size.toString());
            String image = "size:" + ++tag;
            manifest(stage, image, manifest);
            boolean less = size.equals(0) || size.equals(right - 1);
            boolean more = size.equals(right + 1);
            if (less) {
                stage.refuses(
                        image,
                        Code.UNKNOWN,
                        "the registry sends more than the " + size + " bytes that the manifest says");
            } else if (more) {
                stage.refuses(image, Code.UNKNOWN, "the registry sent " + right + " bytes, the manifest says " + size);
            } else if (size instanceof Long) {
                stage.refuses(image, Code.UNKNOWN, LAYER.digest());
            } else {
                stage.refuses(image, Code.INVALID_ARGUMENT, "image: its manifest is malformed: ");
            }
        }
    }

    private static void digests(ImageStage stage) {
        byte[] bytes = LAYER.bytes().clone();
        bytes[bytes.length / 2] ^= 1;
        stage.registry().put("digest:1", LAYER, DIFF_ID);
        stage.registry().answer("digest", "blobs", LAYER.digest(), out -> RawRegistry.body(out, bytes));
        stage.refuses("digest:1", Code.UNKNOWN, "the registry sent content with digest " + new Blob(bytes).digest());
    }

    /** Cut off by the network, by who made it, and in the middle of a file. */
    private static void truncated(ImageStage stage) {
        stage.registry().put("cut:1", LAYER, DIFF_ID);
        stage.registry().answer("cut", "blobs", LAYER.digest(), out -> {
            RawRegistry.head(out, "200 OK", "Content-Length: " + LAYER.bytes().length);
            out.write(LAYER.bytes(), 0, 20);
        });
        stage.refuses("cut:1", Code.UNKNOWN, WRONG + "fetch layer " + LAYER.digest());
        Blob half = new Blob(Arrays.copyOf(LAYER.bytes(), LAYER.bytes().length / 2));
        stage.registry().put("cut:2", half, DIFF_ID);
        stage.refuses("cut:2", Code.INVALID_ARGUMENT, "its compressed stream ends too early");
        Blob file = new Blob(Arrays.copyOf(TAR, 20_000));
        stage.registry().put("cut:3", file, file.digest());
        stage.refuses("cut:3", Code.INVALID_ARGUMENT, "the tar stream ends in the middle of a file");
    }

    /** Without a length, an answer ends where its connection does: never. */
    private static void endless(ImageStage stage) {
        AtomicLong sent = new AtomicLong();
        stage.registry().put("endless:1", LAYER, DIFF_ID);
        stage.registry().answer("endless", "blobs", LAYER.digest(), out -> {
            RawRegistry.head(out, "200 OK");
            out.write(LAYER.bytes());
            pour(out, (byte) 0, sent, Long.MAX_VALUE);
        });
        stage.refuses(
                "endless:1",
                Code.UNKNOWN,
                "the registry sends more than the " + LAYER.bytes().length + " bytes that the manifest says");
        stage.registry().answer("endless", "manifests", "2", out -> {
            RawRegistry.head(out, "200 OK");
            pour(out, (byte) ' ', sent, Long.MAX_VALUE);
        });
        stage.refuses("endless:2", Code.UNKNOWN, "sends a manifest or configuration of more than 4194304 bytes");
        stage.registry().answer("endless", "manifests", "3", out -> {
            out.write("HTTP/1.1 200 OK\r\nX-Long: ".getBytes(StandardCharsets.US_ASCII));
            pour(out, (byte) 'x', sent, Long.MAX_VALUE);
        });
        stage.refuses(
                "endless:3", Code.UNKNOWN, WRONG + "pull " + stage.registry().name("endless:3"));
    }

    private static void redirects(ImageStage stage) {
        stage.registry().put("moved:1", LAYER, DIFF_ID);
        redirect(stage, "blobs", LAYER.digest(), "file://" + stage.secret());
        stage.refuses("moved:1", Code.UNKNOWN, "redirects to what is no http or https address");
        redirect(stage, "manifests", "2", "file:///etc/passwd");
        stage.refuses("moved:2", Code.UNKNOWN, "redirects to what is no http or https address");
        redirect(stage, "manifests", "3", "http:///etc/passwd");
        stage.refuses("moved:3", Code.UNKNOWN, "redirects to what is no http or https address");
        redirect(stage, "manifests", "4", "/v2/moved/manifests/4");
        stage.refuses("moved:4", Code.UNKNOWN, "redirects more than ");
    }

    private static void redirect(ImageStage stage, String kind, String selector, String target) {
        stage.registry()
                .answer(
                        "moved",
                        kind,
                        selector,
                        out -> RawRegistry.head(out, "307 Moved", "Content-Length: 0", "Location: " + target));
    }

    @Test
    void limitsHoldAndAreNamed(Rig rig) {
        String limits = """
            [images]
            max_manifest_size = "64KiB"
            max_layers = 3
            max_layer_size = "8MiB"
            max_layer_entries = 500
            """;
        try (ImageStage stage = ImageStage.open(rig, limits)) {
            bombs(stage);
            entries(stage);
            Layer[] layers = new Layer[3];
            Arrays.setAll(layers, i -> new Layer().file("f" + i, "x"));
            OciImage good = OciImage.of(List.of(new Layer().file("f", "x")));
            stage.registry().put("many:1", good.plus(layers));
            stage.refuses("many:1", Code.INVALID_ARGUMENT, "many:1 has 4 layers, more than 3");
            manifest(stage, "long:1", " ".repeat(64 << 10) + "{}");
            stage.refuses("long:1", Code.UNKNOWN, "sends a manifest or configuration of more than 65536 bytes");
        }
    }

    private static void bombs(ImageStage stage) {
        byte[] zeros = new Tar().file("zeros", "\0".repeat(64 << 20)).bytes();
        String said = "it unpacks to more than 8388608 bytes";
        for (Compression packed : List.of(Compression.GZIP, Compression.ZSTD, Compression.NONE)) {
            String image = "bomb:" + packed.name().toLowerCase(java.util.Locale.ROOT);
            Blob layer = new Blob(packed.compress(zeros));
            stage.registry().put(image, layer, new Blob(zeros).digest());
            stage.refuses(image, Code.RESOURCE_EXHAUSTED, "unpack layer " + layer.digest() + ": " + said);
        }
        // Padding after the end of an archive counts as well.
        byte[] padded = Arrays.copyOf(TAR, 16 << 20);
        stage.registry().put("bomb:pad", padded);
        stage.refuses("bomb:pad", Code.RESOURCE_EXHAUSTED, said);
        // A window of 2 GiB: what the frame holds is nothing, but to read it takes that much memory.
        byte[] window = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) 0xa8, 1, 0, 0};
        stage.registry().put("bomb:window", new Blob(window), new Blob(new byte[0]).digest());
        stage.refuses("bomb:window", Code.INVALID_ARGUMENT, "its zstd stream is damaged: ");
    }

    private static void entries(ImageStage stage) {
        byte[] tar = tarOfLinks(500);
        stage.registry().put("entries:1", tar);
        stage.refuses("entries:1", Code.RESOURCE_EXHAUSTED, "it has more than 500 entries");
    }

    /** One file, and so many links to it. */
    private static byte[] tarOfLinks(int count) {
        Tar tar = new Tar().file("file", "x");
        for (int i = 0; i < count; i++) {
            tar.link("l" + i, "file");
        }
        return tar.bytes();
    }

    /** Twenty million. */
    @Test
    void byDefaultALayerMayHaveManyEntries(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            byte[] tar = tarOfLinks(40_000);
            stage.registry().put("entries:1", tar);
            stage.leavesNothing("entries:1", () -> stage.remove(stage.pull("entries:1")));
        }
    }

    /** A byte now and then is not enough to be waited for. On a busy machine a pull that is well may be taken for one that stalls. */
    @Test
    void aRegistryThatDripsIsGivenUp(Rig rig) {
        try (ImageStage stage = ImageStage.open(rig, "images.stall_timeout = \"2s\"")) {
            stage.registry().put("drip:1", LAYER, DIFF_ID);
            stage.registry().answer("drip", "blobs", LAYER.digest(), out -> drip(out, LAYER.bytes()));
            Map<String, String> before = stage.tree();
            assertThat(Refused.with(Code.UNKNOWN, () -> stage.pull("drip:1")))
                    .startsWith(WRONG)
                    .contains("less than 4096 bytes came in 2 seconds");
            stage.awaitTree("drip:1", before);
            stage.remove(Waiting.until("a good pull", Duration.ofMinutes(1), () -> pulled(stage)));
            stage.awaitTree("good:1", before);
        }
    }

    private static Optional<String> pulled(ImageStage stage) {
        try {
            return Optional.of(stage.pull("good:1"));
        } catch (StatusRuntimeException e) {
            return Optional.empty();
        }
    }

    private static void drip(OutputStream out, byte[] bytes) throws java.io.IOException {
        RawRegistry.head(out, "200 OK", "Content-Length: " + bytes.length);
        for (byte b : bytes) {
            out.write(b);
            Waiting.sleep(Duration.ofMillis(100));
        }
    }
}
