package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.AskedRequest;
import dev.coracle.image.TestRegistry;
import dev.coracle.proto.v1.AuthConfig;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs on their way: redirects to where they are kept, connections that break, and ranges. */
@DaemonTest
@CoracleOnly
final class PullTransferTest {
    private static final AuthConfig PROOF =
            AuthConfig.newBuilder().setUsername("u").setPassword("p").build();
    private static final String PROVEN =
            "Basic " + Base64.getEncoder().encodeToString("u:p".getBytes(StandardCharsets.US_ASCII));

    private static final int PART = 100_000;
    private static final int STRETCH = 4 << 20;
    /** A layer of more than 8 MiB is fetched in stretches. */
    private static final int LARGE = 9 << 20;

    private static NodeRegistry guarded(Rig rig) {
        NodeRegistry registry = NodeRegistry.in(rig.node());
        registry.script((asked, exchange) ->
                asked.authorization().isEmpty() && says(exchange, 401, "WWW-Authenticate", "Basic realm=\"e2e\""));
        return registry;
    }

    private static boolean says(HttpExchange exchange, int status, String... headers) throws IOException {
        return TestRegistry.answer(exchange, status, "", headers);
    }

    /** What for a blob is answered by a redirect. */
    private static TestRegistry.Script redirects(Blob blob, int status, String target) {
        return (asked, exchange) ->
                asked.path().endsWith("/a/blobs/" + blob.digest()) && says(exchange, status, "Location", target);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void blobsAreFetchedElsewhereWithoutTheProof(int status, Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry store = NodeRegistry.in(rig.node());
                NodeRegistry registry = guarded(rig)) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            for (Blob blob : image.blobs()) {
                store.blob("cdn", blob);
                String target = "http://" + store.host() + "/v2/cdn/blobs/" + blob.digest() + "?signature=s%2Fs";
                registry.script(redirects(blob, status, target));
            }
            session.hosts(registry.host(), "server = \"http://" + registry.host() + "\"\n[header]\nx-node = \"n1\"\n");
            assertThat(session.pull(registry.host() + "/a:1", PROOF)).isEqualTo(PullSession.id(image));
            assertThat(store.asked()).hasSize(image.blobs().size()).allSatisfy(asked -> {
                assertThat(asked.authorization()).isEmpty();
                assertThat(asked.header("X-Node")).isEmpty();
                assertThat(asked.uri().getRawQuery()).isEqualTo("signature=s%2Fs");
            });
            assertThat(registry.asked())
                    .extracting(asked -> asked.header("X-Node"))
                    .containsOnly("n1");
            assertThat(registry.asked()).extracting(AskedRequest::authorization).contains(PROVEN);
        }
    }

    @Test
    void onTheSameServerTheProofGoesAlong(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = guarded(rig)) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            for (Blob blob : image.blobs()) {
                registry.blob("cdn", blob);
                registry.script(redirects(blob, 307, "../../cdn/blobs/" + blob.digest()));
            }
            assertThat(session.pull(registry.host() + "/a:1", PROOF)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked().stream().filter(asked -> asked.path().startsWith("/v2/cdn/")))
                    .hasSize(image.blobs().size())
                    .extracting(AskedRequest::authorization)
                    .containsOnly(PROVEN);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "file:///etc/hostname?secret, redirects to what is no http or https address",
        "ftp://127.0.0.1/secret, redirects to what is no http or https address",
        "http://secret:secret@127.0.0.1/, redirects to what is no http or https address",
        "1?secret, redirects more than 5 times",
    })
    void redirectsThatLeadNowhereEnd(String target, String reason, Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            registry.script(
                    (asked, exchange) -> asked.path().contains("/a/blobs/") && says(exchange, 307, "Location", target));
            String name = registry.host() + "/a:1";
            String message = Refused.with(Status.Code.UNKNOWN, () -> session.pull(name));
            assertThat(message)
                    .startsWith("RegistryUnavailable: ")
                    .contains(registry.host() + " " + reason)
                    .doesNotContain("secret");
            assertThat(session.has(name)).isFalse();
            // The one that was asked for first, three times with all that it leads to.
            assertThat(registry.asked())
                    .hasSizeLessThanOrEqualTo(1 + image.blobs().size() * 3 * 6);
        }
    }

    /** As many bytes as it says, but the connection ends after some of them. */
    private static boolean breaksOff(AskedRequest asked, HttpExchange exchange, Blob blob) throws IOException {
        String range = asked.header("Range");
        int from = range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
        int last = range.matches("bytes=\\d+-\\d+")
                ? Integer.parseInt(range.replaceAll(".*-", ""))
                : blob.bytes().length - 1;
        byte[] part = Arrays.copyOfRange(blob.bytes(), from, from + PART);
        if (range.isEmpty()) {
            return TestRegistry.begin(exchange, 200, last + 1L, part);
        }
        String sent = "bytes " + from + "-" + last + "/" + blob.bytes().length;
        return TestRegistry.begin(exchange, 206, last + 1L - from, part, "Content-Range", sent);
    }

    /** So many answers that bring this blob. */
    private static TestRegistry.Script breaks(Blob blob, int times) {
        AtomicInteger left = new AtomicInteger(times);
        return (asked, exchange) ->
                asked.path().endsWith(blob.digest()) && left.getAndDecrement() > 0 && breaksOff(asked, exchange, blob);
    }

    private static List<String> rangesAsked(NodeRegistry registry, Blob blob) {
        return registry.askedFor(blob.digest()).stream()
                .map(request -> request.header("Range"))
                .toList();
    }

    @Test
    void whatBreaksOffIsContinuedWhereItEnded(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage(4 * PART));
            Blob layer = image.blobs().getFirst();
            registry.script(breaks(layer, 2));
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(image));
            assertThat(rangesAsked(registry, layer))
                    .containsExactly("", "bytes=" + PART + "-", "bytes=" + 2 * PART + "-");
        }
    }

    /** What has come is fetched again, and thrown away. */
    @Test
    void aRegistryWithoutRangesSendsAllAgain(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage(4 * PART));
            Blob layer = image.blobs().getFirst();
            registry.script(breaks(layer, 1));
            registry.script((asked, exchange) -> asked.path().endsWith(layer.digest()) && givesAll(exchange, layer));
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(image));
            assertThat(rangesAsked(registry, layer)).containsExactly("", "bytes=" + PART + "-");
        }
    }

    private static boolean givesAll(HttpExchange exchange, Blob blob) throws IOException {
        return TestRegistry.answer(exchange, 200, blob.bytes());
    }

    /** Side by side, or two in one answer where the first came quickly. One of the answers breaks off, too. */
    @Test
    void largeLayersComeInStretches(Rig rig) {
        AtomicReference<String> broken = new AtomicReference<>("");
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage(LARGE));
            Blob layer = image.blobs().getFirst();
            registry.script((asked, exchange) -> asked.header("Range").startsWith("bytes=" + STRETCH + "-")
                    && broken.compareAndSet("", asked.header("Range"))
                    && breaksOff(asked, exchange, layer));
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(image));
            List<String> asked = rangesAsked(registry, layer);
            String end = broken.get().replaceAll(".*-", "");
            assertThat(end).isIn(String.valueOf(2 * STRETCH - 1), String.valueOf(layer.bytes().length - 1));
            assertThat(asked)
                    .startsWith("bytes=0-" + (STRETCH - 1))
                    .contains(broken.get(), "bytes=" + (STRETCH + PART) + "-" + end);
            if (end.equals(String.valueOf(2 * STRETCH - 1))) {
                assertThat(asked).hasSize(4).contains("bytes=" + 2 * STRETCH + "-" + (layer.bytes().length - 1));
            } else {
                assertThat(asked).hasSize(3);
            }
        }
    }

    /** 200: it has not heard of ranges; the others are refusals, after which all is asked for in one piece. */
    @ParameterizedTest
    @ValueSource(ints = {200, 400, 416, 501})
    void largeLayersComeInOnePieceWhereThereAreNoRanges(int status, Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage(LARGE));
            Blob layer = image.blobs().getFirst();
            registry.script((asked, exchange) -> !asked.header("Range").isEmpty()
                    && (status == 200 ? givesAll(exchange, layer) : says(exchange, status)));
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(image));
            boolean whole = registry.askedFor(layer.digest()).stream()
                    .anyMatch(asked -> asked.header("Range").isEmpty());
            assertThat(whole).isEqualTo(status != 200);
        }
    }
}
