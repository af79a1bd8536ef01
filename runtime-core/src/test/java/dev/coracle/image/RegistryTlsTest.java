package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.PullFailed;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries over TLS: whom we believe, and what we show them. Runs as root. */
class RegistryTlsTest {
    @TempDir
    static Path shared;

    private static final TestKeys SERVER = TestKeys.ofThisMachine();
    private static TestKeys client;

    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    @BeforeAll
    static void makeKeys() throws Exception {
        client = TestKeys.make(shared, "EC", "dns:node.test");
    }

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
    }

    @Test
    void aRegistryIsBelievedForItsAuthorityOrBlindly() throws Exception {
        try (TestRegistry registry = new TestRegistry(SERVER.server())) {
            registry.image("a", "1", PullStage.LOWER);
            configure(registry, "");
            assertThatThrownBy(this::pull)
                    .isInstanceOf(PullFailed.class)
                    .hasMessageStartingWith("RegistryUnavailable")
                    .hasMessageContaining("unable to find valid certification path");

            // Read at each pull, and the file at each change.
            SERVER.writeCertificate(work.resolve("certs.d/example.test/ca.pem"));
            configure(registry, "ca = \"ca.pem\"");
            pull();

            stage.images().remove("example.test/a:1");
            configure(registry, "skip_verify = true");
            pull();
        }
    }

    @Test
    void aCertificateForAnotherHostIsNotBelieved() throws Exception {
        TestKeys other = TestKeys.make(work, "EC", "dns:other.test");
        try (TestRegistry registry = new TestRegistry(other.server())) {
            registry.image("a", "1", PullStage.LOWER);
            configure(registry, "ca = \"" + other.writeCertificate(work.resolve("other.pem")) + "\"");
            assertThatThrownBy(this::pull).isInstanceOf(PullFailed.class).hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void aRegistryThatAsksWhoComesIsShownTheCertificate() throws Exception {
        try (TestRegistry registry = new TestRegistry(SERVER.server(client))) {
            registry.image("a", "1", PullStage.LOWER);
            String authority = "ca = \"" + SERVER.writeCertificate(work.resolve("ca.pem")) + "\"\n";
            configure(registry, authority);
            assertThatThrownBy(this::pull).isInstanceOf(PullFailed.class);

            configure(registry, authority + "client = \"both.pem\"");
            assertThatThrownBy(this::pull).isInstanceOf(Unavailable.class).hasMessageContaining("both.pem");

            client.write(work.resolve("certs.d/example.test/both.pem"));
            pull();
        }
    }

    /** Redirects, token services and proxies: what is reached over TLS is reached through a tunnel that the proxy is asked for. */
    @Test
    void aProxyIsAskedForATunnelAndToldWhoAsks() throws Exception {
        try (TestRegistry registry = new TestRegistry(SERVER.server());
                TestProxy proxy = new TestProxy(registry.port())) {
            registry.image("a", "1", PullStage.LOWER);
            SERVER.writeCertificate(work.resolve("ca.pem"));
            stage.hosts(
                    "example.test",
                    "server = \"https://registry.test\"\ndial_timeout = \"1m\"\nca = \"" + work.resolve("ca.pem")
                            + "\"");
            Proxies proxies = Proxies.of(Map.of("HTTPS_PROXY", "http://u:p@127.0.0.1:" + proxy.port()));
            try (Pulls pulls = stage.pulls(proxies, PullLimits.DEFAULT, 2, 4 << 20)) {
                pulls.pull("example.test/a:1", Credentials.NONE).await();
            }
            assertThat(proxy.heads())
                    .isNotEmpty()
                    .allSatisfy(head -> assertThat(head)
                            .startsWith("CONNECT registry.test:443 HTTP/1.1")
                            .containsIgnoringCase("proxy-authorization: Basic dTpw"));
            assertThat(registry.asked())
                    .extracting(AskedRequest::path)
                    .hasSize(3)
                    .allMatch(path -> path.contains("/a/"));
        }
    }

    @Test
    void privateKeysOfAllFormsAreRead() throws Exception {
        Path file = work.resolve("key.pem");
        byte[] rsa = SERVER.key().getEncoded();
        // PKCS#8 of RSA: 26 bytes that say so, then PKCS#1.
        Files.writeString(file, TestKeys.pem("RSA PRIVATE KEY", Arrays.copyOfRange(rsa, 26, rsa.length)));
        assertThat(PemFile.privateKey(file)).isEqualTo(SERVER.key());
        Files.writeString(file, TestKeys.pem("PRIVATE KEY", rsa));
        assertThat(PemFile.privateKey(file)).isEqualTo(SERVER.key());
        Files.writeString(file, """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIKzFvvQUqsi9lZdjtGmWkMrNu4G1DCCAWgjocywIeOZsoAoGCCqGSM49
            AwEHoUQDQgAEL+fcyIwhd4O6zPVDtCl9c9c8DTPGNqNETfxP5a47l/oUQ5/A8G1H
            bBEyOu5UGapW4Hk0dunLzFb9/XSqgWvvfg==
            -----END EC PRIVATE KEY-----
            """);
        assertThat(PemFile.privateKey(file)).isInstanceOf(ECPrivateKey.class);
        Files.writeString(file, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        assertThatThrownBy(() -> PemFile.privateKey(file)).hasMessageContaining("encrypted");
        Files.writeString(file, "nothing");
        assertThatThrownBy(() -> PemFile.privateKey(file)).hasMessageContaining("holds no private key");
    }

    private void pull() {
        stage.pullFrom("example.test/a:1");
    }

    private void configure(TestRegistry registry, String settings) throws Exception {
        stage.hosts("example.test", "server = \"https://" + registry.host() + "\"\ndial_timeout = \"1m\"\n" + settings);
    }
}
