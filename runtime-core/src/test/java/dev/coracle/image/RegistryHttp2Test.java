package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.http.Http2Server;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
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

    @TempDir
    static Path shared;

    private static TestKeys keys;

    @TempDir
    Path work;

    private PullStage stage;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TestKeys.make(shared, "EC", "ip:127.0.0.1");
    }

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
        stage.registry().image("a", "1", PullStage.LOWER);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    /** What goes wrong with a request for the layer; nothing if it answers false. */
    private interface Fault {
        boolean strikes(Http2Server.Asked asked);
    }

    private Http2Server registry(Fault fault) throws Exception {
        Http2Server server = new Http2Server(keys, asked -> {
            if (!(asked.path().endsWith(DIGEST) && fault.strikes(asked))) {
                serve(asked);
            }
        });
        String authority = keys.writeCertificate(work.resolve("ca.pem")).toString();
        stage.hosts("example.test", "server = \"https://" + server.host() + "\"\nca = \"" + authority + "\"");
        return server;
    }

    /** What the stage's registry has. */
    private void serve(Http2Server.Asked asked) {
        byte[] content = stage.registry().content(asked.path());
        int from = from(asked);
        int to = to(asked, content.length);
        asked.head(from == 0 && to == content.length ? 200 : 206, "content-range", "bytes " + from + "-");
        asked.content(content, from, to);
        asked.end();
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
