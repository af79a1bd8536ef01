package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.spec.StreamSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What no client of Kubernetes does: the rest is tried from outside, with theirs. */
final class StreamServerTest {
    private static final StreamSpec EXEC = new StreamSpec.Exec(
            new ContainerId("cd".repeat(32)), List.of("cat"), new StreamSpec.Streams(true, true, false, false));

    private final EchoPods pods = new EchoPods();
    private final HttpClient http = HttpClient.newHttpClient();
    private StreamServer server = start(Duration.ofHours(4));

    private StreamServer start(Duration idle) {
        return StreamServer.start(
                new StreamSettings("127.0.0.1", 0, Optional.empty(), idle, Duration.ofMinutes(1)), pods);
    }

    @AfterEach
    void close() {
        server.close();
        http.close();
    }

    private SocketListener connect(String url, String protocol) {
        SocketListener listener = new SocketListener();
        listener.socket = http.newWebSocketBuilder()
                .subprotocols(protocol)
                .buildAsync(URI.create(url.replaceFirst("http", "ws")), listener)
                .join();
        return listener;
    }

    @Test
    void a_silent_connection_is_closed() {
        server.close();
        server = start(Duration.ofMillis(300));
        SocketListener client = connect(server.url(EXEC), "v4.channel.k8s.io");
        await().until(() -> client.closed);
        await().until(() -> pods.closed.get() >= 1);
    }

    @Test
    void what_is_no_upgrade_is_refused_and_costs_the_token() throws Exception {
        String url = server.url(EXEC);
        HttpRequest plain = HttpRequest.newBuilder(URI.create(url)).build();
        HttpResponse.BodyHandler<String> text = HttpResponse.BodyHandlers.ofString();
        assertThat(http.send(plain, text).statusCode()).isEqualTo(400);
        assertThat(http.send(plain, text).statusCode()).isEqualTo(404);
        HttpRequest elsewhere = HttpRequest.newBuilder(
                        URI.create(server.url(EXEC).replace("/exec/", "/attach/")))
                .build();
        assertThat(http.send(elsewhere, text).statusCode()).isEqualTo(404);
    }

    @Test
    void a_protocol_that_is_not_spoken_is_forbidden() throws IOException {
        URI url = URI.create(server.url(EXEC));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
            socket.getOutputStream()
                    .write(("POST " + url.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v9.channel.k8s.io\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void a_message_in_pieces_belongs_to_one_stream() {
        echo();
    }

    private void echo() {
        SocketListener client = connect(server.url(EXEC), "v5.channel.k8s.io");
        client.send(new byte[] {0, 'o'}, false);
        client.send(new byte[] {'n', 'e'}, true);
        await().until(() -> client.text(1).equals("one"));
        client.send(new byte[] {(byte) 255, 0}, true);
        await().until(() -> client.closed);
        assertThat(client.text(3)).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
    }

    @Test
    void clients_are_told_that_the_daemon_ends() {
        SocketListener client = connect(server.url(EXEC), "v5.channel.k8s.io");
        client.send(new byte[] {0, 'o', 'n', 'e'}, true);
        await().until(() -> client.text(1).equals("one"));
        server.close();
        await().until(() -> client.closed);
        assertThat(client.text(3)).contains("\"status\":\"Failure\"", "the daemon is ending");
        assertThat(pods.closed.get()).isPositive();
    }

    @Test
    void clients_that_have_only_text_send_and_receive_base64() {
        SocketListener client = connect(server.url(EXEC), "v4.base64.channel.k8s.io");
        client.sendText("0" + base64("hello"));
        await().until(() -> client.texts().contains("\n1" + base64("hello") + "\n"));
        client.sendText("0this is no base64");
        await().until(() -> client.closed);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void the_beginning_of_a_long_message_is_heard_before_its_end() throws IOException {
        int length = 3 << 20;
        try (RawWebSocket client = new RawWebSocket(server.url(EXEC), "v5.channel.k8s.io")) {
            client.beginBinary(1 + length);
            client.sendMasked(new byte[] {0, 'f', 'i', 'r', 's', 't'});
            assertThat(client.read(1, 5)).isEqualTo("first");
            client.sendMasked("x".repeat(length - 5).getBytes(StandardCharsets.US_ASCII));
            assertThat(client.read(1, length - 5)).isEqualTo("x".repeat(length - 5));
        }
    }

    @Test
    void only_so_many_connections_may_owe_their_request() throws IOException {
        int port = URI.create(server.url(EXEC)).getPort();
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i <= Upgrades.ASKED_OF_AT_ONCE; i++) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            silent.getLast().setSoTimeout(10_000);
            assertThat(silent.getLast().getInputStream().read()).isNegative();
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
        await().ignoreExceptions().untilAsserted(this::echo);
    }

    @Test
    void nonsense_ends_only_its_own_connection() throws IOException {
        URI url = URI.create(server.url(new StreamSpec.PortForward(new PodId("ab".repeat(32)), List.of())));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
            socket.getOutputStream()
                    .write(("POST " + url.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            byte[] nonsense = new byte[4096];
            new java.util.Random(9).nextBytes(nonsense);
            nonsense[0] = (byte) 0x80;
            socket.getOutputStream().write(nonsense);
            socket.setSoTimeout(10_000);
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isNotNull();
        } catch (java.net.SocketException _) {
            // hung up on before all was sent
        }
        echo();
    }

    @Test
    void ports_over_web_socket_have_two_channels_each() throws IOException {
        try (ServerSocket pod = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StreamSpec spec = new StreamSpec.PortForward(new PodId("ab".repeat(32)), List.of(pod.getLocalPort()));
            SocketListener client = connect(server.url(spec), "v4.channel.k8s.io");
            client.send(new byte[] {0, 'h', 'i'}, true);
            try (Socket accepted = pod.accept()) {
                assertThat(accepted.getInputStream().readNBytes(2)).isEqualTo(new byte[] {'h', 'i'});
                accepted.getOutputStream().write("there".getBytes(StandardCharsets.US_ASCII));
            }
            await().until(() -> client.closed);
            assertThat(client.bytes(0)).startsWith(port(pod.getLocalPort()));
            assertThat(client.text(0)).endsWith("there");
            assertThat(client.bytes(1)).isEqualTo(port(pod.getLocalPort()));
        }
    }

    private static byte[] port(int port) {
        return ByteBuffer.allocate(2)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putShort((short) port)
                .array();
    }
}
