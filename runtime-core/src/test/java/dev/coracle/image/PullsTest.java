package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Denied;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls against a registry of its own that misbehaves in one way each time. Runs as root. */
class PullsTest {
    private static final LayerBlob LOWER = LayerBlob.gzip(new Tar()
            .directory("./", 0755)
            .directory("etc/", 0755)
            .file("etc/name", "lower")
            .directory("tmp/", 01777)
            .file("big", noise(300_000)));
    private static final LayerBlob UPPER =
            LayerBlob.gzip(new Tar().directory("etc/", 0755).file("etc/name", "upper"));

    private static String noise(int length) {
        StringBuilder text = new StringBuilder(length);
        new Random(3).ints(length, 'A', 'z').forEach(c -> text.append((char) c));
        return text.toString();
    }

    @TempDir
    Path work;

    private final TestRegistry registry = new TestRegistry();
    private Images images;
    private Pulls pulls;

    @BeforeEach
    void open() {
        images = Images.open(work.resolve("state"));
        images.startCollecting();
        pulls = pulls(PullLimits.DEFAULT);
    }

    @AfterEach
    void close() {
        pulls.close();
        images.close();
        registry.close();
    }

    private Pulls pulls(PullLimits limits) {
        return new Pulls(images, new PullSettings(work.resolve("certs.d"), 2, Duration.ofMillis(600), limits));
    }

    @Test
    void anImageIsPulledListedLeasedAndRemoved() throws Exception {
        Digest manifest = registry.image("a/b", "1", LOWER, UPPER);

        Image image = pull("a/b:1");

        assertThat(image.repoTags()).containsExactly(registry.host() + "/a/b:1");
        assertThat(image.repoDigests()).containsExactly(registry.host() + "/a/b@" + manifest);
        assertThat(image.config().cmd()).containsExactly("/bin/sh");
        assertThat(image.size()).isPositive();
        assertThat(images.usage().bytes()).isEqualTo(image.size());
        for (String name : List.of(
                registry.host() + "/a/b:1",
                registry.host() + "/a/b@" + manifest,
                registry.host() + "/a/b:1@" + manifest,
                image.id().toString(),
                image.id().hex().substring(0, 12))) {
            assertThat(images.find(name)).as(name).contains(image);
        }
        LayerStack stack = images.lease("c1", image.id().toString());
        assertThat(stack.names()).hasSize(2);
        assertThat(stack.directory().resolve(stack.names().getFirst()).resolve("etc/name"))
                .hasContent("upper");

        images.remove(image.id().hex().substring(0, 12));

        assertThat(images.list()).isEmpty();
        assertThat(images.find(image.id().toString())).isEmpty();
        assertThat(stack.directory().resolve(stack.names().getLast()).resolve("etc/name"))
                .hasContent("lower");
        images.release("c1");
        await().untilAsserted(this::nothingIsLeft);
        assertThat(images.usage().bytes()).isZero();
    }

    @Test
    void aKnownLayerIsNotFetchedAgain() throws Exception {
        registry.image("a", "1", LOWER);
        registry.image("a", "2", LOWER, UPPER);
        pull("a:1");
        pull("a:2");
        pull("a:1");
        assertThat(registry.requestsWith(Digest.sha256(LOWER.blob()).toString()))
                .isEqualTo(1);
    }

    /** Otherwise an image could name another's layer as its own without ever having had its content. */
    @Test
    void aLayerIsNotGivenToWhoOnlyNamesIt() throws Exception {
        registry.image("secret", "1", LOWER);
        pull("secret:1");
        String claim = registry.manifestOf("thief", "{}", "\"" + Digest.sha256(LOWER.tar()) + "\"", UPPER);
        registry.manifest("thief", "1", TestRegistry.MANIFEST, claim);

        assertThatThrownBy(() -> pull("thief:1"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("unpacks to diff ID");
    }

    @Test
    void theSameLayerPackedAnewIsVerifiedAndThenShared() throws Exception {
        registry.image("a", "gzip", LOWER);
        registry.image("a", "plain", new LayerBlob(LOWER.tar(), LOWER.tar()));
        Image first = pull("a:gzip");
        Image second = pull("a:plain");

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.repoTags()).hasSize(2);
        assertThat(second.repoDigests()).hasSize(2);
        try (Stream<Path> layers = Files.list(work.resolve("state/layers"))) {
            assertThat(layers).hasSize(1);
        }
    }

    @Test
    void aTagThatMovesLeavesTheOlderImageItsDigest() throws Exception {
        registry.image("a", "1", LOWER);
        Image old = pull("a:1");
        registry.image("a", "1", UPPER);
        Image young = pull("a:1");

        assertThat(images.find(registry.host() + "/a:1")).contains(young);
        Image left = images.find(old.id().toString()).orElseThrow();
        assertThat(left.repoTags()).isEmpty();
        assertThat(left.repoDigests()).hasSize(1);
    }

    @Test
    void anIndexGivesTheManifestOfThisMachine() throws Exception {
        Digest mine = registry.image("a", "mine", LOWER);
        String other = "{\"mediaType\":\"" + TestRegistry.MANIFEST + "\",\"digest\":\"" + Digest.sha256(new byte[1])
                + "\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}";
        String own = "{\"mediaType\":\"" + TestRegistry.MANIFEST + "\",\"digest\":\"" + mine
                + "\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\""
                + Platform.current().architecture() + "\"}}";
        Digest index = registry.manifest(
                "a", "all", TestRegistry.INDEX, "{\"schemaVersion\":2,\"manifests\":[" + other + "," + own + "]}");
        registry.manifest("a", "none", TestRegistry.INDEX, "{\"schemaVersion\":2,\"manifests\":[" + other + "]}");

        assertThat(pull("a:all").repoDigests()).containsExactly(registry.host() + "/a@" + index);
        assertThatThrownBy(() -> pull("a:none"))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("there is none for linux/")
                .hasMessageContaining("only for linux/s390x");
    }

    @Test
    void aTruncatedBlobIsCompletedByRange() throws Exception {
        registry.image("a", "1", LOWER);
        AtomicInteger cuts = new AtomicInteger(2);
        String blob = Digest.sha256(LOWER.blob()).toString();
        registry.fault(exchange -> exchange.getRequestURI().getPath().endsWith(blob)
                && cuts.getAndDecrement() > 0
                && truncated(exchange, 50_000));

        pull("a:1");

        assertThat(registry.requestsWith(blob)).isEqualTo(3);
    }

    private boolean truncated(HttpExchange exchange, int length) throws IOException {
        byte[] bytes = registry.contentOf(exchange);
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-/" + bytes.length);
        exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
        exchange.getResponseBody().write(bytes, from, Math.min(length, bytes.length - from));
        exchange.getResponseBody().flush();
        return true;
    }

    @Test
    void wrongContentIsAskedForAgainAndLeavesNothing() throws Exception {
        registry.image("a", "1", LOWER);
        String blob = Digest.sha256(LOWER.blob()).toString();
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(blob)) {
                return false;
            }
            byte[] wrong = registry.contentOf(exchange).clone();
            wrong[wrong.length / 2] ^= 1;
            exchange.sendResponseHeaders(200, wrong.length);
            exchange.getResponseBody().write(wrong);
            return true;
        });

        assertThatThrownBy(() -> pull("a:1"))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining(blob)
                .hasMessageContaining("the registry sent content with digest");
        assertThat(registry.requestsWith(blob)).isEqualTo(3);
        await().untilAsserted(this::nothingIsLeft);
        registry.clearFaults();
        pull("a:1");
    }

    @Test
    void aManifestThatIsNotItsDigestIsRefused() {
        Digest digest = registry.image("a", "1", LOWER);
        registry.fault(exchange -> {
            if (exchange.getRequestURI().getPath().contains("manifests")) {
                TestRegistry.answer(exchange, 200, "{}");
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> pull("a@" + digest))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable: pull ")
                .hasMessageContaining("sent content with digest");
    }

    @Test
    void aWrongDiffIdIsTheImagesFault() {
        String manifest = registry.manifestOf("a", "{}", "\"" + Digest.sha256(new byte[0]) + "\"", LOWER);
        registry.manifest("a", "1", TestRegistry.MANIFEST, manifest);
        assertThatThrownBy(() -> pull("a:1")).isInstanceOf(InvalidSpec.class).hasMessageContaining("diff ID");
        await().untilAsserted(this::nothingIsLeft);
    }

    @Test
    void aServerThatDripsIsGivenUp() throws Exception {
        registry.image("a", "1", LOWER);
        String blob = Digest.sha256(LOWER.blob()).toString();
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(blob)) {
                return false;
            }
            byte[] bytes = registry.contentOf(exchange);
            exchange.sendResponseHeaders(200, bytes.length);
            drip(exchange, bytes);
            return true;
        });
        assertThatThrownBy(() -> pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable")
                .hasMessageContaining("less than 4096 bytes came");
        await().untilAsserted(this::nothingIsLeft);
    }

    private static void drip(HttpExchange exchange, byte[] bytes) throws IOException {
        try (OutputStream out = exchange.getResponseBody()) {
            for (byte b : bytes) {
                out.write(b);
                out.flush();
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> pull("nothing:1"))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("answered 404 MANIFEST_UNKNOWN");
    }

    @Test
    void noAnswerIsRegistryUnavailable() {
        registry.close();
        assertThatThrownBy(() -> pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable: pull " + registry.host() + "/a:1");
    }

    @Test
    void aBearerTokenIsFetchedWithTheCredentialsAndNothingIsSentUnasked() throws Exception {
        registry.image("a", "1", LOWER);
        registry.fault(exchange -> {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            if (exchange.getRequestURI().getPath().equals("/token")) {
                boolean right = "Basic dTpw".equals(sent)
                        && exchange.getRequestURI().getQuery().equals("service=reg&scope=repository:a:pull");
                TestRegistry.answer(exchange, right ? 200 : 401, "{\"token\":\"t0k\"}");
                return true;
            }
            if ("Bearer t0k".equals(sent)) {
                return false;
            }
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer realm=\"http://" + registry.host() + "/token\",service=\"reg\"");
            TestRegistry.answer(exchange, sent == null ? 401 : 500, "");
            return true;
        });

        pulls.pull(registry.host() + "/a:1", new Credentials("u", "p", "", "", ""))
                .await();

        assertThat(registry.requestsWith("/token")).isEqualTo(1);
        assertThatThrownBy(() -> pulls.pull(registry.host() + "/a:1", new Credentials("u", "wrong", "", "", ""))
                        .await())
                .isInstanceOfSatisfying(
                        Denied.class, e -> assertThat(e.unauthenticated()).isTrue())
                .hasMessageNotContaining("wrong");
        assertThatThrownBy(() -> pulls.pull(registry.host() + "/a:1", new Credentials("u", "p", "", "", "elsewhere.io"))
                        .await())
                .isInstanceOf(Denied.class);
    }

    @Test
    void basicCredentialsIdentityAndRegistryTokensWork() throws Exception {
        registry.image("a", "1", LOWER);
        String[] challenge = {"Basic realm=\"r\""};
        String[] wanted = {"Basic dTpw"};
        registry.fault(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                boolean right = form.contains("grant_type=refresh_token") && form.contains("refresh_token=id%2Btoken");
                TestRegistry.answer(exchange, right ? 200 : 400, "{\"access_token\":\"from-id\"}");
                return true;
            }
            if (wanted[0].equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders().set("WWW-Authenticate", challenge[0]);
            TestRegistry.answer(exchange, 401, "");
            return true;
        });
        String name = registry.host() + "/a:1";

        pulls.pull(name, Credentials.of(Credentials.NONE, "dTpw")).await();
        challenge[0] = "Bearer realm=\"http://" + registry.host() + "/token\",service=\"reg\"";
        wanted[0] = "Bearer from-id";
        pulls.pull(name, new Credentials("", "", "id+token", "", "")).await();
        wanted[0] = "Bearer direct";
        pulls.pull(name, new Credentials("", "", "", "direct", registry.host())).await();
        assertThatThrownBy(() -> pull("a:1")).isInstanceOf(Denied.class);
    }

    @Test
    void redirectsAreFollowedWithoutTheProofAndNeverToFiles() throws Exception {
        registry.image("a", "1", LOWER);
        try (TestRegistry store = new TestRegistry()) {
            store.blob("cdn", LOWER.blob());
            String blob = Digest.sha256(LOWER.blob()).toString();
            List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
            store.fault(exchange -> {
                seen.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                return false;
            });
            String[] target = {"http://" + store.host() + "/v2/cdn/blobs/" + blob + "?signature=secret"};
            registry.fault(exchange -> {
                if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                    exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
                    TestRegistry.answer(exchange, 401, "");
                    return true;
                }
                if (exchange.getRequestURI().getPath().endsWith(blob)) {
                    exchange.getResponseHeaders().set("Location", target[0]);
                    TestRegistry.answer(exchange, 307, "");
                    return true;
                }
                return false;
            });
            Credentials credentials = new Credentials("u", "p", "", "", "");

            pulls.pull(registry.host() + "/a:1", credentials).await();
            assertThat(seen).containsExactly("null");

            images.remove(registry.host() + "/a:1");
            target[0] = "file:///etc/passwd?secret";
            assertThatThrownBy(() ->
                            pulls.pull(registry.host() + "/a:1", credentials).await())
                    .isInstanceOf(PullFailed.class)
                    .hasMessageContaining("redirects to what is no http or https address")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void mirrorsComeFirstAndTheirFailuresDoNotMatter() throws Exception {
        registry.image("lib/a", "1", LOWER, UPPER);
        try (TestRegistry broken = new TestRegistry();
                TestRegistry empty = new TestRegistry()) {
            broken.fault(exchange -> {
                TestRegistry.answer(exchange, 503, "");
                return true;
            });
            hosts("example.test", """
                server = "http://%s"
                [host."http://%s"]
                  capabilities = ["pull", "resolve"]
                [host."http://%s/proxy/x"]
                  override_path = true
                """.formatted(registry.host(), broken.host(), empty.host()));

            Image image = pulls.pull("example.test/lib/a:1", Credentials.NONE).await();

            assertThat(image.repoTags()).containsExactly("example.test/lib/a:1");
            assertThat(broken.requests).hasSizeBetween(1, 5);
            assertThat(broken.requests.getFirst()).isEqualTo("GET /v2/lib/a/manifests/1?ns=example.test");
            assertThat(empty.requests.getFirst()).startsWith("GET /proxy/x/lib/a/manifests/1?ns=");
            assertThat(registry.requests.getFirst()).isEqualTo("GET /v2/lib/a/manifests/1");

            // Read at each pull.
            hosts("example.test", "server = 3");
            assertThatThrownBy(() ->
                            pulls.pull("example.test/lib/a:1", Credentials.NONE).await())
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("example.test/hosts.toml");
        }
    }

    private void hosts(String domain, String toml) throws IOException {
        Path directory = Files.createDirectories(work.resolve("certs.d").resolve(domain));
        Files.writeString(directory.resolve("hosts.toml"), toml);
    }

    @Test
    void pullsOfOneNameShareTheWork() throws Exception {
        registry.image("a", "1", LOWER);
        CountDownLatch gate = new CountDownLatch(1);
        registry.fault(exchange -> {
            pass(gate);
            return false;
        });
        PullTicket one = pulls.pull(registry.host() + "/a:1", Credentials.NONE);
        PullTicket other = pulls.pull(registry.host() + "/a:1", Credentials.NONE);
        one.cancel();
        gate.countDown();

        assertThat(other.await().repoTags()).hasSize(1);
        assertThat(registry.requests).hasSize(3);
    }

    @Test
    void aPullThatNobodyWaitsForStopsAndLeavesNothing() throws Exception {
        registry.image("a", "1", LOWER);
        CountDownLatch gate = new CountDownLatch(1);
        String blob = Digest.sha256(LOWER.blob()).toString();
        registry.fault(exchange -> exchange.getRequestURI().getPath().endsWith(blob) && half(exchange, gate));
        PullTicket ticket = pulls.pull(registry.host() + "/a:1", Credentials.NONE);
        await().until(() -> registry.requestsWith(blob) == 1);
        await().until(() -> !isEmpty("staging"));

        ticket.cancel();

        assertThatThrownBy(ticket::await).isInstanceOf(Cancelled.class);
        await().untilAsserted(this::nothingIsLeft);
        gate.countDown();
        registry.clearFaults();
        pull("a:1");
    }

    private boolean half(HttpExchange exchange, CountDownLatch gate) throws IOException {
        byte[] bytes = registry.contentOf(exchange);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
        exchange.getResponseBody().flush();
        pass(gate);
        return true;
    }

    private static void pass(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void limitsAreExhaustionAndNamed() throws Exception {
        registry.image("a", "1", LOWER, UPPER);
        try (Pulls few = pulls(new PullLimits(1 << 20, 1, 1 << 30, 100))) {
            assertThatThrownBy(() ->
                            few.pull(registry.host() + "/a:1", Credentials.NONE).await())
                    .isInstanceOf(InvalidSpec.class)
                    .hasMessageContaining("has 2 layers, more than 1");
        }
        try (Pulls small = pulls(new PullLimits(1 << 20, 9, 1000, 100))) {
            assertThatThrownBy(() -> small.pull(registry.host() + "/a:1", Credentials.NONE)
                            .await())
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("it unpacks to more than 1000 bytes");
        }
        try (Pulls tiny = pulls(new PullLimits(100, 9, 1 << 30, 100))) {
            assertThatThrownBy(() -> tiny.pull(registry.host() + "/a:1", Credentials.NONE)
                            .await())
                    .isInstanceOf(RuntimeFailure.class)
                    .hasMessageContaining("more than 100 bytes");
        }
        await().untilAsserted(this::nothingIsLeft);
    }

    private Image pull(String name) {
        return pulls.pull(registry.host() + "/" + name, Credentials.NONE).await();
    }

    private boolean isEmpty(String directory) throws IOException {
        try (Stream<Path> files = Files.list(work.resolve("state").resolve(directory))) {
            return files.findAny().isEmpty();
        }
    }

    private void nothingIsLeft() throws IOException {
        for (String directory : List.of("records", "layers", "l", "staging", "trash")) {
            assertThat(isEmpty(directory)).as(directory).isTrue();
        }
    }
}
