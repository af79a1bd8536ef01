package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.http.Http2Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A registry that speaks HTTP/2, and how its connections end. Runs as root. */
class RegistryHttp2Test {
    private static final int RANGE = 32 << 10;
    private static final byte[] BLOB = PullStage.LOWER.blob();
    private static final String DIGEST = Digest.sha256(BLOB).toString();

    /** How much comes before a connection ends. */
    private static final int PART = 50_000;

    private static final TestKeys KEYS = TestKeys.ofThisMachine();

    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
        stage.registry().image("a", "1", PullStage.LOWER);
    }

    /** What goes wrong with a request for the layer; nothing if it answers false. */
    private interface Fault {
        boolean strikes(Http2Server.Asked asked);
    }

    private Http2Server registry(Fault fault) throws Exception {
        Http2Server server = new Http2Server(KEYS, asked -> {
            if (!(path(asked).endsWith(DIGEST) && fault.strikes(asked))) {
                serve(asked);
            }
        });
        configure("server = \"https://%s\"\nca = \"%s\"", server.host());
        return server;
    }

    /** @param toml with a place for the server's name and one for the file with its certificate */
    private void configure(String toml, String server) throws Exception {
        stage.hosts("example.test", toml.formatted(server, KEYS.writeCertificate(work.resolve("ca.pem"))));
    }

    /** What the stage's registry has. */
    private void serve(Http2Server.Asked asked) {
        byte[] content = stage.registry().content(path(asked));
        int from = from(asked);
        int to = to(asked, content.length);
        asked.head(from == 0 && to == content.length ? 200 : 206, "content-range", "bytes " + from + "-");
        asked.content(content, from, to);
        asked.end();
    }

    /** A mirror is told whose images are meant, behind a question mark. */
    private static String path(Http2Server.Asked asked) {
        return asked.path().replaceAll("\\?.*", "");
    }

    private static int from(Http2Server.Asked asked) {
        String range = asked.header("range");
        return range.equals("null") ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
    }

    private static int to(Http2Server.Asked asked, int length) {
        String range = asked.header("range");
        return range.matches("bytes=\\d+-\\d+") ? Integer.parseInt(range.replaceAll(".*-", "")) + 1 : length;
    }

    private void pull(Pulls pulls) {
        pulls.pull("example.test/a:1", Credentials.NONE).await();
    }

    @Test
    void allComesOverOneConnection() throws Exception {
        try (Http2Server server = registry(_ -> false);
                Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            pull(pulls);
            assertThat(server.requests()).hasSize(2 + (BLOB.length + RANGE - 1) / RANGE);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    enum Death {
        RESET,
        GO_AWAY,
        HANG_UP
    }

    @ParameterizedTest
    @EnumSource
    void whatBreaksOffIsContinuedWhereItEnded(Death death) throws Exception {
        AtomicInteger deaths = new AtomicInteger(2);
        try (Http2Server server = registry(asked -> deaths.getAndDecrement() > 0 && dies(asked, death))) {
            pull(stage.pulls());
            assertThat(server.requests().stream().filter(request -> request.contains(DIGEST)))
                    .extracting(request -> request.replaceAll(".* ", ""))
                    .containsExactly("null", "bytes=" + PART + "-", "bytes=" + 2 * PART + "-");
            assertThat(server.connections()).isEqualTo(death == Death.RESET ? 1 : 3);
        }
    }

    private boolean dies(Http2Server.Asked asked, Death death) {
        int from = from(asked);
        asked.head(from == 0 ? 200 : 206, "content-range", "bytes " + from + "-");
        asked.content(BLOB, from, from + PART);
        asked.whenRead(() -> {
            switch (death) {
                case RESET -> asked.reset();
                case GO_AWAY -> asked.goAway();
                case HANG_UP -> asked.hangUp();
            }
        });
        return true;
    }

    /** The server lives, and its connection serves others: only time tells that nothing will come. */
    @Test
    void aStreamThatStallsIsGivenUpAndContinuedElsewhere() throws Exception {
        try (Http2Server mirror = registry(asked -> {
                    asked.head(200);
                    asked.content(BLOB, 0, PART);
                    return true;
                });
                Pulls pulls = stage.pullsOfPatience(Duration.ofSeconds(2))) {
            String last = "server = \"http://" + stage.registry().host() + "\"\n";
            configure(last + "[host.\"https://%s\"]\nca = \"%s\"", mirror.host());
            pull(pulls);
            assertThat(mirror.requests().stream().filter(request -> request.contains(DIGEST)))
                    .hasSize(1);
            assertThat(stage.registry().asked())
                    .extracting(asked -> asked.header("Range"))
                    .containsExactly("bytes=" + PART + "-");
            await().until(() -> mirror.ended() == mirror.requests().size());
        }
    }

    @Test
    void aProxyOpensATunnelForIt() throws Exception {
        try (Http2Server server = registry(_ -> false);
                TestProxy proxy = new TestProxy(server.port())) {
            configure("server = \"https://%s\"\nca = \"%s\"", "registry.test");
            Proxies proxies = Proxies.of(Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port()));
            try (Pulls pulls = stage.pulls(proxies, PullLimits.DEFAULT, BlobRanges.WINDOW, RANGE)) {
                pull(pulls);
            }
            assertThat(server.requests()).hasSize(2 + (BLOB.length + RANGE - 1) / RANGE);
            assertThat(server.connections()).isEqualTo(1);
            assertThat(proxy.heads())
                    .allSatisfy(head -> assertThat(head).startsWith("CONNECT registry.test:443 HTTP/1.1"));
        }
    }

    @Test
    void aCancelledPullEndsItsStreams() throws Exception {
        CountDownLatch held = new CountDownLatch(BlobRanges.WINDOW);
        try (Http2Server server = registry(asked -> {
                    asked.head(206, "content-range", "bytes " + from(asked) + "-");
                    held.countDown();
                    return true;
                });
                Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            PullTicket ticket = pulls.pull("example.test/a:1", Credentials.NONE);
            held.await();
            ticket.cancel();
            assertThatThrownBy(ticket::await).isInstanceOf(Cancelled.class);
            await().until(() -> server.ended() == server.requests().size());
            await().untilAsserted(stage::nothingIsLeft);
        }
    }
}
