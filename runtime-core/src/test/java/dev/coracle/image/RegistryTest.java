package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.failure.RuntimeFailure.Denied;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries, and how they misbehave: one way in each test. Runs as root. */
class RegistryTest {
    @TempDir
    Path work;

    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void aTruncatedBlobIsCompletedByRange() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        AtomicInteger cuts = new AtomicInteger(2);
        String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
        stage.registry()
                .fault(exchange -> exchange.getRequestURI().getPath().endsWith(blob)
                        && cuts.getAndDecrement() > 0
                        && truncated(exchange, 50_000));

        stage.pull("a:1");

        assertThat(stage.registry().requestsWith(blob)).isEqualTo(3);
    }

    private boolean truncated(HttpExchange exchange, int length) throws IOException {
        byte[] bytes = stage.registry().contentOf(exchange);
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
        stage.registry().image("a", "1", PullStage.LOWER);
        String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
        stage.registry().fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(blob)) {
                return false;
            }
            byte[] wrong = stage.registry().contentOf(exchange).clone();
            wrong[wrong.length / 2] ^= 1;
            exchange.sendResponseHeaders(200, wrong.length);
            exchange.getResponseBody().write(wrong);
            return true;
        });

        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable: ")
                .hasMessageContaining(blob)
                .hasMessageContaining("the registry sent content with digest");
        assertThat(stage.registry().requestsWith(blob)).isEqualTo(3);
        await().untilAsserted(stage::nothingIsLeft);
        stage.registry().clearFaults();
        stage.pull("a:1");
    }

    @Test
    void aManifestThatIsNotItsDigestIsRefused() {
        Digest digest = stage.registry().image("a", "1", PullStage.LOWER);
        stage.registry().fault(exchange -> {
            if (exchange.getRequestURI().getPath().contains("manifests")) {
                TestRegistry.answer(exchange, 200, "{}");
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> stage.pull("a@" + digest))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable: pull ")
                .hasMessageContaining("sent content with digest");
    }

    @Test
    void aWrongDiffIdIsTheImagesFault() {
        String manifest =
                stage.registry().manifestOf("a", "{}", "\"" + Digest.sha256(new byte[0]) + "\"", PullStage.LOWER);
        stage.registry().manifest("a", "1", TestRegistry.MANIFEST, manifest);
        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("diff ID");
        await().untilAsserted(stage::nothingIsLeft);
    }

    @Test
    void aServerThatDripsIsGivenUp() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
        stage.registry().fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(blob)) {
                return false;
            }
            byte[] bytes = stage.registry().contentOf(exchange);
            exchange.sendResponseHeaders(200, bytes.length);
            drip(exchange, bytes);
            return true;
        });
        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable")
                .hasMessageContaining("less than 4096 bytes came");
        await().untilAsserted(stage::nothingIsLeft);
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
        assertThatThrownBy(() -> stage.pull("nothing:1"))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("answered 404 MANIFEST_UNKNOWN");
    }

    @Test
    void noAnswerIsRegistryUnavailable() {
        stage.registry().close();
        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith(
                        "RegistryUnavailable: pull " + stage.registry().host() + "/a:1");
    }

    @Test
    void aBearerTokenIsFetchedWithTheCredentialsAndNothingIsSentUnasked() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        stage.registry().fault(exchange -> {
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
                    .set(
                            "WWW-Authenticate",
                            "Bearer realm=\"http://" + stage.registry().host() + "/token\",service=\"reg\"");
            TestRegistry.answer(exchange, sent == null ? 401 : 500, "");
            return true;
        });

        stage.pulls()
                .pull(stage.registry().host() + "/a:1", new Credentials("u", "p", "", "", ""))
                .await();

        assertThat(stage.registry().requestsWith("/token")).isEqualTo(1);
        assertThatThrownBy(() -> stage.pulls()
                        .pull(stage.registry().host() + "/a:1", new Credentials("u", "wrong", "", "", ""))
                        .await())
                .isInstanceOfSatisfying(
                        Denied.class, e -> assertThat(e.unauthenticated()).isTrue())
                .hasMessageNotContaining("wrong");
        assertThatThrownBy(() -> stage.pulls()
                        .pull(stage.registry().host() + "/a:1", new Credentials("u", "p", "", "", "elsewhere.io"))
                        .await())
                .isInstanceOf(Denied.class);
    }

    @Test
    void basicCredentialsIdentityAndRegistryTokensWork() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        String[] challenge = {"Basic realm=\"r\""};
        String[] wanted = {"Basic dTpw"};
        stage.registry().fault(exchange -> {
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
        String name = stage.registry().host() + "/a:1";

        stage.pulls().pull(name, Credentials.of(Credentials.NONE, "dTpw")).await();
        challenge[0] = "Bearer realm=\"http://" + stage.registry().host() + "/token\",service=\"reg\"";
        wanted[0] = "Bearer from-id";
        stage.pulls().pull(name, new Credentials("", "", "id+token", "", "")).await();
        wanted[0] = "Bearer direct";
        stage.pulls()
                .pull(
                        name,
                        new Credentials("", "", "", "direct", stage.registry().host()))
                .await();
        assertThatThrownBy(() -> stage.pull("a:1")).isInstanceOf(Denied.class);
    }

    @Test
    void redirectsAreFollowedWithoutTheProofAndNeverToFiles() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        try (TestRegistry store = new TestRegistry()) {
            store.blob("cdn", PullStage.LOWER.blob());
            String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
            List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
            store.fault(exchange -> {
                seen.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                return false;
            });
            String[] target = {"http://" + store.host() + "/v2/cdn/blobs/" + blob + "?signature=secret"};
            stage.registry().fault(exchange -> {
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

            stage.pulls().pull(stage.registry().host() + "/a:1", credentials).await();
            assertThat(seen).containsExactly("null");

            stage.images().remove(stage.registry().host() + "/a:1");
            target[0] = "file:///etc/passwd?secret";
            assertThatThrownBy(() -> stage.pulls()
                            .pull(stage.registry().host() + "/a:1", credentials)
                            .await())
                    .isInstanceOf(PullFailed.class)
                    .hasMessageContaining("redirects to what is no http or https address")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void mirrorsComeFirstAndTheirFailuresDoNotMatter() throws Exception {
        stage.registry().image("lib/a", "1", PullStage.LOWER, PullStage.UPPER);
        try (TestRegistry broken = new TestRegistry();
                TestRegistry empty = new TestRegistry()) {
            broken.fault(exchange -> {
                TestRegistry.answer(exchange, 503, "");
                return true;
            });
            stage.hosts("example.test", """
                server = "http://%s"
                [host."http://%s"]
                  capabilities = ["pull", "resolve"]
                [host."http://%s/proxy/x"]
                  override_path = true
                """.formatted(stage.registry().host(), broken.host(), empty.host()));

            Image image =
                    stage.pulls().pull("example.test/lib/a:1", Credentials.NONE).await();

            assertThat(image.repoTags()).containsExactly("example.test/lib/a:1");
            assertThat(broken.requests).hasSizeBetween(1, 5);
            assertThat(broken.requests.getFirst()).isEqualTo("GET /v2/lib/a/manifests/1?ns=example.test");
            assertThat(empty.requests.getFirst()).startsWith("GET /proxy/x/lib/a/manifests/1?ns=");
            assertThat(stage.registry().requests.getFirst()).isEqualTo("GET /v2/lib/a/manifests/1");

            // Read at each pull.
            stage.hosts("example.test", "server = 3");
            assertThatThrownBy(() -> stage.pulls()
                            .pull("example.test/lib/a:1", Credentials.NONE)
                            .await())
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("example.test/hosts.toml");
        }
    }
}
