package dev.coracle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.image.TestKeys;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Content that is put where it belongs as it comes, instead of being read. */
class ContentTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LARGE = 8 << 20;
    private static final int STRETCH = 3 << 20;

    private final Network network = new Network();
    private final AtomicInteger came = new AtomicInteger();

    @AfterEach
    void close() {
        network.close();
    }

    private Content get(String uri) throws IOException, InterruptedException {
        Tls tls = new Tls(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null, false, false);
        WebClient client = new WebClient(network, tls, PATIENCE);
        return client.send(Request.get(URI.create(uri)), Optional.empty(), PATIENCE)
                .body();
    }

    private void fill(Content content, ByteBuffer target) throws IOException {
        content.fill(target, came::addAndGet);
    }

    @Test
    void oneTargetIsFilledAfterTheOtherUpToTheEnd() throws Exception {
        byte[] large = new byte[LARGE];
        new Random(1).nextBytes(large);
        try (PlainServer plain = new PlainServer(asked -> {
                    asked.answer("Content-Length: " + LARGE, 0);
                    asked.socket().getOutputStream().write(large);
                });
                Http2Server second = new Http2Server(TestKeys.ofThisMachine(), asked -> {
                    asked.head(200);
                    asked.content(large, 0, LARGE);
                    asked.end();
                })) {
            for (String uri : new String[] {"http://" + plain.host() + "/", "https://" + second.host() + "/"}) {
                came.set(0);
                ByteBuffer all = ByteBuffer.allocateDirect(LARGE + 100);
                try (Content content = get(uri)) {
                    assertThat(content.read()).isEqualTo(Byte.toUnsignedInt(large[0]));
                    all.put(large[0]);
                    while (all.position() < LARGE) {
                        all.limit(Math.min(all.capacity(), all.position() + STRETCH));
                        fill(content, all);
                    }
                    assertThat(content.read()).isNegative();
                }
                assertThat(came).hasValue(LARGE - 1);
                byte[] found = new byte[LARGE];
                all.get(0, found);
                assertThat(found).isEqualTo(large);
            }
        }
    }

    @Test
    void whatCameBeforeAConnectionEndedIsThere() throws Exception {
        try (PlainServer server = new PlainServer(asked -> {
            asked.answer("Content-Length: 10", 4);
            asked.hangUp();
        })) {
            ByteBuffer target = ByteBuffer.allocateDirect(10);
            try (Content content = get("http://" + server.host() + "/")) {
                assertThatThrownBy(() -> fill(content, target))
                        .isInstanceOf(IOException.class)
                        .hasMessage("the connection was closed");
            }
            assertThat(target.position()).isEqualTo(4);
            assertThat(came).hasValue(4);
        }
    }

    @Test
    void whoIsInterruptedHasHisTargetForHimself() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        try (PlainServer server = new PlainServer(asked -> {
            asked.answer("Content-Length: 10", 4);
            awaitQuietly(interrupted);
            asked.socket().getOutputStream().write(new byte[] {5, 6, 7, 8, 9, 10});
        })) {
            ByteBuffer target = ByteBuffer.allocateDirect(10);
            try (Content content = get("http://" + server.host() + "/")) {
                CompletableFuture<IOException> outcome = new CompletableFuture<>();
                Thread filling = Thread.ofVirtual().start(() -> {
                    try {
                        fill(content, target);
                        outcome.completeExceptionally(new AssertionError("it was filled"));
                    } catch (IOException e) {
                        outcome.complete(e);
                    }
                });
                await().until(() -> came.get() == 4);
                filling.interrupt();
                assertThat(outcome.get()).isInstanceOf(InterruptedIOException.class);
                interrupted.countDown();
                assertThat(content.readNBytes(6)).containsExactly(5, 6, 7, 8, 9, 10);
            }
            assertThat(target.position()).isEqualTo(4);
            assertThat(target.get(4)).isZero();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
