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
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries, and how they misbehave: one way in each test. Runs as root. */
class RegistryTest {
    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work);
    }

    @Test
    void aTruncatedBlobIsCompletedByRange() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        AtomicInteger cuts = new AtomicInteger(2);
        String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
        stage.registry()
                .script((asked, exchange) -> asked.path().endsWith(blob)
                        && cuts.getAndDecrement() > 0
                        && truncated(asked, exchange, 50_000));

        stage.pull("a:1");

        assertThat(stage.registry().askedFor(blob)).hasSize(3);
    }

    private boolean truncated(AskedRequest asked, HttpExchange exchange, int length) throws IOException {
        byte[] bytes = stage.registry().content(asked.path());
        String range = asked.header("Range");
        int from = range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        byte[] part = Arrays.copyOfRange(bytes, from, Math.min(from + length, bytes.length));
        return TestRegistry.begin(
                exchange,
                range.isEmpty() ? 200 : 206,
                bytes.length - from,
                part,
                "Content-Range",
                "bytes " + from + "-/" + bytes.length);
    }

    @Test
    void wrongContentIsAskedForAgainAndLeavesNothing() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
        stage.registry().script((asked, exchange) -> {
            if (!asked.path().endsWith(blob)) {
                return false;
            }
            byte[] wrong = stage.registry().content(asked.path()).clone();
            wrong[wrong.length / 2] ^= 1;
            return TestRegistry.answer(exchange, 200, wrong);
        });

        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable: ")
                .hasMessageContaining(blob)
                .hasMessageContaining("the registry sent content with digest");
        assertThat(stage.registry().askedFor(blob)).hasSize(3);
        await().untilAsserted(stage::nothingIsLeft);
        stage.registry().clearScripts();
        stage.pull("a:1");
    }

    @Test
    void aManifestThatIsNotItsDigestIsRefused() {
        Digest digest = stage.registry().image("a", "1", PullStage.LOWER);
        stage.registry()
                .script((asked, exchange) ->
                        asked.path().contains("manifests") && TestRegistry.answer(exchange, 200, "{}"));
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
        stage.registry().script((asked, exchange) -> {
            if (!asked.path().endsWith(blob)) {
                return false;
            }
            byte[] bytes = stage.registry().content(asked.path());
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
        stage.registry().script((asked, exchange) -> {
            String sent = asked.authorization();
            if (asked.path().equals("/token")) {
                boolean right = sent.equals("Basic dTpw")
                        && asked.uri().getQuery().equals("service=reg&scope=repository:a:pull");
                return TestRegistry.answer(exchange, right ? 200 : 401, "{\"token\":\"t0k\"}");
            }
            if (sent.equals("Bearer t0k")) {
                return false;
            }
            String challenge = "Bearer realm=\"http://" + stage.registry().host() + "/token\",service=\"reg\"";
            return TestRegistry.answer(exchange, sent.isEmpty() ? 401 : 500, "", "WWW-Authenticate", challenge);
        });

        stage.pulls()
                .pull(stage.registry().host() + "/a:1", new Credentials("u", "p", "", "", ""))
                .await();

        assertThat(stage.registry().askedFor("/token")).hasSize(1);
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
        stage.registry().script((asked, exchange) -> {
            if (asked.path().equals("/token")) {
                boolean right = asked.body().contains("grant_type=refresh_token")
                        && asked.body().contains("refresh_token=id%2Btoken");
                return TestRegistry.answer(exchange, right ? 200 : 400, "{\"access_token\":\"from-id\"}");
            }
            if (asked.authorization().equals(wanted[0])) {
                return false;
            }
            return TestRegistry.answer(exchange, 401, "", "WWW-Authenticate", challenge[0]);
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
            String[] target = {"http://" + store.host() + "/v2/cdn/blobs/" + blob + "?signature=secret"};
            stage.registry().script((asked, exchange) -> {
                if (asked.authorization().isEmpty()) {
                    return TestRegistry.answer(exchange, 401, "", "WWW-Authenticate", "Basic realm=\"r\"");
                }
                if (asked.path().endsWith(blob)) {
                    return TestRegistry.answer(exchange, 307, "", "Location", target[0]);
                }
                return false;
            });
            Credentials credentials = new Credentials("u", "p", "", "", "");

            stage.pulls().pull(stage.registry().host() + "/a:1", credentials).await();
            assertThat(store.asked()).extracting(AskedRequest::authorization).containsExactly("");

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
            broken.script((_, exchange) -> TestRegistry.answer(exchange, 503, ""));
            stage.hosts("example.test", """
                server = "http://%s"
                [host."http://%s"]
                  capabilities = ["pull", "resolve"]
                [host."http://%s/proxy/x"]
                  override_path = true
                """.formatted(stage.registry().host(), broken.host(), empty.host()));

            Image image = stage.pullFrom("example.test/lib/a:1");

            assertThat(image.repoTags()).containsExactly("example.test/lib/a:1");
            assertThat(broken.asked()).hasSizeBetween(1, 5);
            assertThat(broken.asked().getFirst()).hasToString("GET /v2/lib/a/manifests/1?ns=example.test");
            assertThat(empty.asked().getFirst().toString()).startsWith("GET /proxy/x/lib/a/manifests/1?ns=");
            assertThat(stage.registry().asked().getFirst()).hasToString("GET /v2/lib/a/manifests/1");

            // Read at each pull.
            stage.hosts("example.test", "server = 3");
            assertThatThrownBy(() -> stage.pullFrom("example.test/lib/a:1"))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("example.test/hosts.toml");
        }
    }
}
