package dev.coracle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsServer;
import dev.coracle.image.TestKeys;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the same over HTTP/1.1 and HTTP/2, and what is not. */
class WebClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LARGE = 16 << 20;
    /** What may be read ahead beside windows and {@link Body#ENOUGH}: what a channel reads at once. */
    private static final int AHEAD = 512 << 10;

    private static final TestKeys KEYS = TestKeys.ofThisMachine();

    private final Network network = new Network();

    @AfterEach
    void close() {
        network.close();
    }

    private WebClient client(boolean byJava) {
        Tls tls = new Tls(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null, false, byJava);
        return new WebClient(network, tls, PATIENCE);
    }

    private static Answer get(WebClient client, String uri) throws IOException, InterruptedException {
        return client.send(Request.get(URI.create(uri)), Optional.empty(), PATIENCE);
    }

    private static String text(Answer answer) throws IOException {
        try (InputStream body = answer.body()) {
            return new String(body.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private long inUse() {
        PooledByteBufAllocator buffers = (PooledByteBufAllocator)
                Objects.requireNonNull(network.bootstrap().config().options().get(ChannelOption.ALLOCATOR));
        return buffers.pinnedDirectMemory();
    }

    @Test
    void boringSslIsThere() {
        assertThat(OpenSsl.isAvailable())
                .as(String.valueOf(OpenSsl.unavailabilityCause()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void requestsShareAConnectionOfHttp2(boolean byJava) throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        try (Http2Server server = new Http2Server(KEYS, asked -> {
            both.countDown();
            Thread.ofVirtual().start(() -> {
                await().until(() -> both.getCount() == 0);
                asked.head(200, "x-seen", asked.header("x-asked"));
                asked.content(asked.path().getBytes(StandardCharsets.US_ASCII), 0, 2);
                asked.end();
            });
        })) {
            WebClient client = client(byJava);
            FutureTask<String> other = new FutureTask<>(() -> text(get(client, "https://" + server.host() + "/a")));
            Thread.ofVirtual().start(other);
            Request request =
                    Request.get(URI.create("https://" + server.host() + "/b?c")).add("X-Asked", "yes");
            Answer answer = client.send(request, Optional.empty(), PATIENCE);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers().firstValue("X-Seen")).contains("yes");
            assertThat(text(answer)).isEqualTo("/b");
            assertThat(other.get()).isEqualTo("/a");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tlsIsBoringSslsOrJavas(boolean byJava) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(KEYS.server());
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write("abc".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.start();
        try {
            String uri = "https://127.0.0.1:" + server.getAddress().getPort() + "/";
            assertThat(text(get(client(byJava), uri))).isEqualTo("abc");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whoDoesNotReadSlowsAStreamDownAndNoOther() throws Exception {
        byte[] large = new byte[LARGE];
        Arrays.fill(large, (byte) 7);
        try (Http2Server server = new Http2Server(KEYS, asked -> {
            asked.head(200);
            asked.content(large, 0, asked.path().equals("/large") ? LARGE : 5);
            asked.end();
        })) {
            WebClient client = client(false);
            try (InputStream unread =
                    get(client, "https://" + server.host() + "/large").body()) {
                await().until(() -> server.sent() >= SharedLink.STREAM_WINDOW);
                assertThat(text(get(client, "https://" + server.host() + "/small")))
                        .hasSize(5);
                assertThat(server.sent()).isLessThan(SharedLink.STREAM_WINDOW + Body.ENOUGH + AHEAD);

                assertThat(unread.readNBytes(LARGE)).isEqualTo(large);
                assertThat(unread.read()).isNegative();
            }
            assertThat(server.connections()).isEqualTo(1);
            await().untilAsserted(() -> assertThat(inUse()).isZero());
        }
    }

    @Test
    void whoReadsSlowlySlowsAConnectionDown() throws Exception {
        try (PlainServer server = new PlainServer(asked -> asked.answer("Content-Length: " + LARGE, LARGE))) {
            try (InputStream body =
                    get(client(false), "http://" + server.host() + "/").body()) {
                long most = 0;
                byte[] bytes = new byte[1 << 20];
                for (int done = 0; done < LARGE; done += bytes.length) {
                    assertThat(body.readNBytes(bytes, 0, bytes.length)).isEqualTo(bytes.length);
                    most = Math.max(most, inUse());
                }
                assertThat(most).isBetween(1L, (long) Body.ENOUGH + AHEAD);
                assertThat(body.read()).isNegative();
            }
            await().untilAsserted(() -> assertThat(inUse()).isZero());
        }
    }

    @Test
    void whatIsClosedBeforeItsEndLeavesNothing() throws Exception {
        try (PlainServer plain = new PlainServer(asked -> asked.answer("Content-Length: " + LARGE, LARGE / 2));
                Http2Server second = new Http2Server(KEYS, asked -> {
                    asked.head(200);
                    asked.content(new byte[LARGE], 0, LARGE);
                })) {
            WebClient client = client(false);
            for (String uri : new String[] {"http://" + plain.host() + "/", "https://" + second.host() + "/"}) {
                InputStream body = get(client, uri).body();
                assertThat(body.readNBytes(100_000)).hasSize(100_000);
                body.close();
                assertThatThrownBy(body::read).isInstanceOf(IOException.class);
            }
            plain.awaitNoConnection();
            await().until(() -> second.ended() == 1);
            await().untilAsserted(() -> assertThat(inUse()).isZero());
        }
    }

    @Test
    void whoIsInterruptedWhileWaitingLeavesNothing() throws Exception {
        Semaphore asked = new Semaphore(0);
        try (PlainServer plain = new PlainServer(_ -> asked.release());
                Http2Server second = new Http2Server(KEYS, _ -> asked.release())) {
            WebClient client = client(false);
            for (String uri : new String[] {"http://" + plain.host() + "/", "https://" + second.host() + "/"}) {
                CompletableFuture<Answer> answer = new CompletableFuture<>();
                Thread waiting = Thread.ofVirtual().start(() -> {
                    try {
                        answer.complete(get(client, uri));
                    } catch (IOException | InterruptedException e) {
                        answer.completeExceptionally(e);
                    }
                });
                assertThat(asked.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                waiting.interrupt();
                assertThatThrownBy(answer::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(InterruptedException.class);
            }
            await().until(() -> second.ended() == 1);
            plain.awaitNoConnection();
        }
    }

    @Test
    void whoDoesNotAnswerInTimeIsGivenUp() throws Exception {
        try (PlainServer server = new PlainServer(_ -> {})) {
            assertThatThrownBy(() -> client(false)
                            .send(
                                    Request.get(URI.create("http://" + server.host() + "/")),
                                    Optional.empty(),
                                    Duration.ofMillis(300)))
                    .isInstanceOf(HttpTimeoutException.class)
                    .hasMessage("no answer in 0.3 seconds");
            server.awaitNoConnection();
        }
    }

    @Test
    void aConnectionThatTheServerNoLongerWantsIsReplaced() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (PlainServer server = new PlainServer(asked -> {
            if (requests.incrementAndGet() == 2) {
                asked.hangUp();
            } else {
                asked.answer("Content-Length: 3", 3);
            }
        })) {
            WebClient client = client(false);
            for (int i = 0; i < 3; i++) {
                assertThat(text(get(client, "http://" + server.host() + "/"))).hasSize(3);
            }
            assertThat(requests).hasValue(4);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    /** Each name is a server of its own to the client: registries may redirect to any number of them. */
    @Test
    void onlySoManyServersAreRemembered() throws Exception {
        try (PlainServer server = new PlainServer(asked -> asked.answer("Content-Length: 3", 3))) {
            WebClient client = client(false);
            HttpProxy proxy = new HttpProxy("127.0.0.1", server.port(), "");
            for (int i = 0; i < WebClient.SITES_KEPT; i++) {
                assertThat(text(relayed(client, i, proxy))).hasSize(3);
            }
            for (int i = 0; i < WebClient.SITES_KEPT; i++) {
                assertThat(text(relayed(client, i, proxy))).hasSize(3);
            }
            assertThat(server.connections()).isEqualTo(WebClient.SITES_KEPT);
            for (int i : new int[] {WebClient.SITES_KEPT, 0, WebClient.SITES_KEPT}) {
                assertThat(text(relayed(client, i, proxy))).hasSize(3);
            }
            assertThat(server.connections()).isEqualTo(WebClient.SITES_KEPT + 2);
        }
    }

    private static Answer relayed(WebClient client, int number, HttpProxy proxy)
            throws IOException, InterruptedException {
        Request request = Request.get(URI.create("http://n" + number + ".test/"));
        return client.send(request, Optional.of(proxy), PATIENCE);
    }

    @Test
    void whatAServerSaysUnaskedIsNotTakenForAnAnswer() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Right: %s\r\n\r\nabc";
        try (PlainServer server = new PlainServer(asked -> {
            boolean first = requests.incrementAndGet() == 1;
            asked.write(first ? answer.formatted("yes") + answer.formatted("no") : answer.formatted("yes"));
        })) {
            WebClient client = client(false);
            assertThat(text(get(client, "http://" + server.host() + "/"))).hasSize(3);
            assertThat(get(client, "http://" + server.host() + "/").headers().firstValue("x-right"))
                    .contains("yes");
        }
    }

    @Test
    void anAnswerThatIsAnnouncedIsWaitedFor() throws Exception {
        try (PlainServer server = new PlainServer(asked -> {
            asked.write("HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n");
            asked.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        })) {
            Answer answer = get(client(false), "http://" + server.host() + "/");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers().firstValue("x-early")).isEmpty();
            assertThat(text(answer)).isEqualTo("abcde");
        }
    }

    @Test
    void aBodyThatEndsEarlyFailsAfterWhatHasCome() throws Exception {
        try (PlainServer server = new PlainServer(asked -> {
            asked.answer("Content-Length: 10", 4);
            asked.hangUp();
        })) {
            InputStream body =
                    get(client(false), "http://" + server.host() + "/").body();
            assertThat(body.readNBytes(4)).hasSize(4);
            assertThatThrownBy(body::read).isInstanceOf(IOException.class).hasMessage("the connection was closed");
        }
    }

    @Test
    void whatIsNoHttpIsSaidToBeNone() throws Exception {
        try (PlainServer server = new PlainServer(asked -> asked.write("SSH-2.0-OpenSSH_9.2\r\n\r\n"))) {
            assertThatThrownBy(() -> get(client(false), "http://" + server.host() + "/"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the answer is not HTTP");
        }
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> greet(server));
            assertThatThrownBy(() -> get(client(false), "https://127.0.0.1:" + server.getLocalPort() + "/"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not an SSL/TLS record");
        }
    }

    private static void greet(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write("SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Its client has gone.
        }
    }
}
