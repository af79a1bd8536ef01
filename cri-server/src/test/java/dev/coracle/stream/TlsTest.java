package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.StreamSpec;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams over TLS, and certificates and keys that cannot be used; crictl tries it in the end-to-end tests. */
final class TlsTest {
    private static final StreamSpec EXEC = new StreamSpec.Exec(
            new ContainerId("cd".repeat(32)), List.of("cat"), new StreamSpec.Streams(true, true, false, false));

    @TempDir
    private Path directory;

    private final EchoPods pods = new EchoPods();

    private StreamServer start(StreamSettings.Tls tls) {
        return StreamServer.start(
                new StreamSettings("127.0.0.1", 0, Optional.of(tls), Duration.ofHours(1), Duration.ofMinutes(1)), pods);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void a_client_that_knows_the_certificate_has_its_streams(String algorithm) throws Exception {
        TestIdentity identity = TestIdentity.make(directory, algorithm);
        try (StreamServer server = start(identity.files());
                HttpClient http =
                        HttpClient.newBuilder().sslContext(identity.trusting()).build()) {
            String url = server.url(EXEC);
            assertThat(url).startsWith("https://127.0.0.1:");
            SocketListener client = new SocketListener();
            client.socket = http.newWebSocketBuilder()
                    .subprotocols("v5.channel.k8s.io")
                    .buildAsync(URI.create(url.replaceFirst("https", "wss")), client)
                    .join();
            byte[] large = new byte[200_000];
            client.send(large, true);
            await().until(() -> client.bytes(1).length == large.length - 1);
            client.send(new byte[] {(byte) 255, 0}, true);
            await().until(() -> client.closed);
            assertThat(client.text(3)).contains("Success");
        }
    }

    @Test
    void a_client_without_tls_is_not_served_and_one_that_vanishes_is_missed() throws Exception {
        TestIdentity identity = TestIdentity.make(directory, "EC");
        try (StreamServer server = start(identity.files())) {
            URI url = URI.create(server.url(EXEC));
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
                plain.setSoTimeout(10_000);
                plain.getOutputStream()
                        .write(("GET " + url.getPath() + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                byte[] answer = plain.getInputStream().readAllBytes();
                assertThat(new String(answer, StandardCharsets.US_ASCII)).doesNotContain("HTTP/1.1");
            }
            try (HttpClient http =
                    HttpClient.newBuilder().sslContext(identity.trusting()).build()) {
                SocketListener client = new SocketListener();
                http.newWebSocketBuilder()
                        .subprotocols("v5.channel.k8s.io")
                        .buildAsync(URI.create(server.url(EXEC).replaceFirst("https", "wss")), client)
                        .join()
                        .abort();
            }
            await().until(() -> pods.closed.get() >= 1);
        }
    }

    @Test
    void what_cannot_be_used_is_named() throws Exception {
        TestIdentity one = TestIdentity.make(directory.resolve("one"), "EC");
        TestIdentity other = TestIdentity.make(directory.resolve("other"), "EC");
        TestIdentity rsa = TestIdentity.make(directory.resolve("rsa"), "RSA");
        Path absent = directory.resolve("absent");
        Path empty = Files.createFile(directory.resolve("empty"));
        Path old = TestIdentity.pem(directory.resolve("old"), "EC PRIVATE KEY", new byte[40]);
        Path garbage = TestIdentity.pem(directory.resolve("garbage"), "CERTIFICATE", new byte[40]);
        refused(absent, one.key(), "stream.tls_cert: read " + absent + ": there is no such file");
        refused(empty, one.key(), "stream.tls_cert: " + empty + " holds no certificate in PEM");
        refused(garbage, one.key(), "stream.tls_cert: " + garbage + " holds no certificate in PEM");
        refused(one.certificate(), absent, "stream.tls_key: read " + absent + ": there is no such file");
        refused(one.certificate(), old, "stream.tls_key: " + old + " holds no key in PEM and PKCS #8");
        refused(one.certificate(), rsa.key(), "stream.tls_key: " + rsa.key() + " holds no EC key");
        refused(
                one.certificate(),
                other.key(),
                "stream.tls_key: " + other.key() + " is not the key to the certificate in " + one.certificate());
    }

    private void refused(Path certificate, Path key, String message) {
        assertThatThrownBy(() -> start(new StreamSettings.Tls(certificate, key)))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith(message);
    }
}
