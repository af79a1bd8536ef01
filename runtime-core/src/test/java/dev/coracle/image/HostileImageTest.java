package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images and registries made to do harm: each pull ends in a failure that says what was wrong, and leaves nothing. Runs as root. */
class HostileImageTest {
    private static final byte[] TAR = new Tar().file("a", "x".repeat(50_000)).bytes();
    private static final byte[] BLOB = Tar.gzip(TAR);
    private static final long MANIFEST_BYTES = 100L << 20;

    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    private TestRegistry registry;

    @BeforeEach
    void open() {
        stage = new PullStage(work);
        registry = stage.registry();
    }

    @Test
    void aManifestOf100MiBIsCutOff() throws Exception {
        AtomicLong sent = new AtomicLong();
        registry.script((_, exchange) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] blanks = new byte[1 << 16];
            Arrays.fill(blanks, (byte) ' ');
            try (OutputStream out = exchange.getResponseBody()) {
                while (sent.get() < MANIFEST_BYTES) {
                    out.write(blanks);
                    sent.addAndGet(blanks.length);
                }
            }
            return true;
        });
        refused("a:1", RuntimeFailure.class, "sends a manifest or configuration of more than 4194304 bytes");
        assertThat(sent.get()).isLessThan(MANIFEST_BYTES);
    }

    /** A few bytes of it would each be an object of the heap. */
    @Test
    void aManifestOfNothingButBracketsIsRefused() throws Exception {
        registry.manifest("a", "many", TestRegistry.MANIFEST, "[" + "{},".repeat(1_000_000) + "{}]");
        registry.manifest("a", "deep", TestRegistry.MANIFEST, "[".repeat(1_000_000));
        refused("a:many", InvalidSpec.class, "its manifest is malformed");
        refused("a:deep", InvalidSpec.class, "its manifest is malformed");
    }

    @Test
    void indexesDoNotGoRoundOrDown() throws Exception {
        Digest inner = registry.image("a", "1", PullStage.LOWER);
        for (String tag : new String[] {"one", "two", "three", "four"}) {
            inner = registry.manifest("a", tag, TestRegistry.INDEX, index(inner));
        }
        refused("a:four", InvalidSpec.class, "is an index of indexes of indexes");

        // What names itself cannot have the digest that it names: the registry has to lie.
        Digest self = Digest.sha256("itself".getBytes(StandardCharsets.UTF_8));
        String loop = index(self);
        registry.manifest("b", "1", TestRegistry.INDEX, loop);
        registry.script((asked, exchange) ->
                asked.path().endsWith(self.toString()) && TestRegistry.answer(exchange, 200, loop));
        refused("b:1", RuntimeFailure.class, "sent content with digest");
    }

    private static String index(Digest inner) {
        return "{\"schemaVersion\":2,\"manifests\":[" + TestRegistry.descriptor(TestRegistry.INDEX, inner, 1) + "]}";
    }

    @Test
    void sizesThatLieAreRefused() throws Exception {
        for (String size : new String[] {
            "-1", "0", String.valueOf(BLOB.length - 1), String.valueOf(BLOB.length + 1), "1e3", "99999999999999999999"
        }) {
            image("a", size, Digest.sha256(TAR), new LayerBlob(BLOB, TAR), size);
            assertThatThrownBy(() -> stage.pull("a:" + size)).as(size).isInstanceOf(RuntimeFailure.class);
        }
        await().untilAsserted(stage::nothingIsLeft);
    }

    @Test
    void diffIdsAndConfigurationsThatLieAreRefused() throws Exception {
        LayerBlob layer = new LayerBlob(BLOB, TAR);
        image("a", "diff", Digest.sha256(new byte[3]), layer, String.valueOf(BLOB.length));
        refused("a:diff", InvalidSpec.class, "it unpacks to diff ID " + Digest.sha256(TAR));

        String more = registry.manifestOf(
                "a",
                "{}",
                Stream.of(TAR, TAR).map(tar -> "\"" + Digest.sha256(tar) + "\"").collect(Collectors.joining(",")),
                layer);
        registry.manifest("a", "more", TestRegistry.MANIFEST, more);
        refused("a:more", InvalidSpec.class, "has 1 layers, but its configuration names 2");

        Digest config = Digest.sha256(new byte[1]);
        registry.manifest(
                "a",
                "config",
                TestRegistry.MANIFEST,
                "{\"schemaVersion\":2,\"config\":" + TestRegistry.descriptor("", config, 1) + ",\"layers\":[]}");
        registry.script((asked, exchange) ->
                asked.path().endsWith(config.toString()) && TestRegistry.answer(exchange, 200, "{}"));
        refused("a:config", RuntimeFailure.class, "sent content with digest");
    }

    @Test
    void aBlobWithoutEndIsCutOff() throws Exception {
        registry.image("a", "1", new LayerBlob(BLOB, TAR));
        registry.script((asked, exchange) -> {
            if (!asked.path().endsWith(Digest.sha256(BLOB).toString())) {
                return false;
            }
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(BLOB);
                while (true) {
                    out.write(BLOB);
                }
            }
        });
        refused("a:1", RuntimeFailure.class, "more than the " + BLOB.length + " bytes");
    }

    @Test
    void aBlobThatAlwaysBreaksOffIsGivenUp() throws Exception {
        registry.image("a", "1", new LayerBlob(BLOB, TAR));
        registry.script(
                (asked, exchange) -> asked.path().endsWith(Digest.sha256(BLOB).toString())
                        && TestRegistry.begin(exchange, 200, BLOB.length, Arrays.copyOf(BLOB, 20)));
        refused("a:1", RuntimeFailure.class, Digest.sha256(BLOB).toString());
    }

    @Test
    void bombsEndAtTheLimit() throws Exception {
        byte[] zeros = new Tar().file("zeros", "\0".repeat(64 << 20)).bytes();
        registry.image("a", "gzip", new LayerBlob(Tar.gzip(zeros), zeros));
        try (Pulls limited = stage.pulls(new PullLimits(1 << 20, 9, 32 << 20, 100))) {
            assertThatThrownBy(() -> stage.pull(limited, "a:gzip"))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("it unpacks to more than 33554432 bytes");
        }
        // A window of 2 GiB: what the frame holds is nothing, but to read it takes that much memory.
        byte[] window = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) 0xa8, 1, 0, 0};
        registry.image("a", "zstd", new LayerBlob(window, new byte[0]));
        refused("a:zstd", InvalidSpec.class, "its zstd stream is damaged");
        await().untilAsserted(stage::nothingIsLeft);
    }

    @Test
    void tooManyImpliedDirectoriesOrEntriesAreRefused() throws Exception {
        Tar tar = new Tar();
        for (int i = 0; i < 50; i++) {
            tar.file("d" + i + "/f", "");
        }
        registry.image("a", "1", LayerBlob.gzip(tar));
        try (Pulls limited = stage.pulls(new PullLimits(1 << 20, 9, 1 << 30, 1000, 49))) {
            assertThatThrownBy(() -> stage.pull(limited, "a:1"))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("it has more than 49 directories without an entry of their own");
        }
        try (Pulls limited = stage.pulls(new PullLimits(1 << 20, 9, 1 << 30, 49))) {
            assertThatThrownBy(() -> stage.pull(limited, "a:1"))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("it has more than 49 entries");
        }
        await().untilAsserted(stage::nothingIsLeft);
        stage.pull("a:1");
    }

    /** An image of one layer whose manifest says that its blob has so many bytes. */
    private void image(String repository, String tag, Digest diffId, LayerBlob layer, String size) {
        String honest = registry.manifestOf(repository, "{}", "\"" + diffId + "\"", layer);
        String own = "\"" + Digest.sha256(layer.blob()) + "\",\"size\":";
        registry.manifest(
                repository, tag, TestRegistry.MANIFEST, honest.replace(own + layer.blob().length, own + size));
    }

    private void refused(String name, Class<? extends RuntimeFailure> type, String message) {
        assertThatThrownBy(() -> stage.pull(name)).isInstanceOf(type).hasMessageContaining(message);
        await().untilAsserted(stage::nothingIsLeft);
    }
}
