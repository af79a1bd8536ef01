package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsExchange;
import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.http.Http2Server;
import dev.coracle.image.TestKeys;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries over TLS: whom the packaged daemon believes, what it shows them, what it speaks, with BoringSSL and without. */
@DaemonTest
@CoracleOnly
final class PullTlsTest {
    private static final String DOMAIN = "encrypted.example";
    private static final String NAME = DOMAIN + "/a:1";
    private static final String WITHOUT = "registries are spoken to by Java's TLS";

    @TempDir
    private Path work;

    private static NodeRegistry over(Rig rig, TestKeys keys) throws Exception {
        return NodeRegistry.in(rig.node(), NodeRegistry.LOOPBACK, keys.server());
    }

    /** Under load a handshake may take seconds. */
    private static void hosts(PullSession session, String host, String settings) {
        session.hosts(DOMAIN, "server = \"https://" + host + "\"\ndial_timeout = \"1m\"\n" + settings);
    }

    private static Path file(PullSession session, String name) throws IOException {
        return Files.createDirectories(session.folder(DOMAIN)).resolve(name);
    }

    @Test
    void aRegistryIsBelievedForItsAuthorityOrBlindly(Rig rig) throws Exception {
        TestKeys other = TestKeys.make(work, "EC", "dns:other.example");
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = over(rig, TestKeys.ofThisMachine());
                NodeRegistry stranger = over(rig, other)) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            OciImage.Packed strange = stranger.image("a", "1", PullSession.newImage());
            hosts(session, registry.host(), "");
            assertThat(Refused.with(Status.Code.UNKNOWN, () -> session.pull(NAME)))
                    .startsWith("RegistryUnavailable: pull " + NAME + ": " + registry.host() + " cannot be reached: ")
                    .contains("unable to find valid certification path");
            TestKeys.ofThisMachine().writeCertificate(file(session, "ca.pem"));
            hosts(session, registry.host(), "ca = \"ca.pem\"");
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));

            other.writeCertificate(file(session, "ca.pem"));
            hosts(session, stranger.host(), "ca = [\"ca.pem\"]");
            assertThat(Refused.with(Status.Code.UNKNOWN, () -> session.pull(NAME)))
                    .startsWith("RegistryUnavailable: ")
                    .contains("127.0.0.1");
            hosts(session, stranger.host(), "skip_verify = true");
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(strange));
        }
        assertThat(rig.daemon().log()).doesNotContain(WITHOUT);
    }

    @Test
    void aRegistryThatAsksWhoComesIsShownTheCertificate(Rig rig) throws Exception {
        TestKeys client = TestKeys.make(work, "EC", "dns:node.example");
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(
                        rig.node(),
                        NodeRegistry.LOOPBACK,
                        TestKeys.ofThisMachine().server(client))) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            TestKeys.ofThisMachine().writeCertificate(file(session, "ca.pem"));
            hosts(session, registry.host(), "ca = \"ca.pem\"");
            assertThat(Refused.with(Status.Code.UNKNOWN, () -> session.pull(NAME)))
                    .startsWith("RegistryUnavailable: ");
            assertThat(registry.asked()).isEmpty();

            hosts(session, registry.host(), "ca = \"ca.pem\"\nclient = [[\"node.cert\", \"node.key\"]]");
            assertThat(Refused.anyhow(() -> session.pull(NAME))).contains("node.cert");
            client.writeCertificate(file(session, "node.cert"));
            client.write(file(session, "node.key"));
            registry.script((_, exchange) -> {
                String shown = ((HttpsExchange) exchange)
                        .getSSLSession()
                        .getPeerPrincipal()
                        .getName();
                exchange.getResponseHeaders().set("X-Shown", shown);
                return !shown.equals("CN=test");
            });
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
        }
    }

    /** All that is asked of such a registry, by path. */
    private static Http2Server http2(Node node, OciImage.Packed image) {
        Map<String, Blob> contents = new HashMap<>();
        image.blobs().forEach(blob -> contents.put("/v2/a/blobs/" + blob.digest(), blob));
        contents.put("/v2/a/manifests/1", image.manifest());
        return NodeSockets.in(
                node,
                () -> new Http2Server(TestKeys.ofThisMachine(), asked -> {
                    Blob blob = contents.get(asked.path());
                    asked.head(blob == null ? 404 : 200);
                    if (blob != null) {
                        asked.content(blob.bytes(), 0, blob.bytes().length);
                    }
                    asked.end();
                }));
    }

    @Test
    void aRegistryMaySpeakHttp2Only(Rig rig) throws Exception {
        OciImage.Packed image = PullSession.newImage(1 << 20);
        try (PullSession session = PullSession.of(rig);
                Http2Server registry = http2(rig.node(), image)) {
            speaksHttp2(session, registry, image);
        }
        assertThat(rig.daemon().log()).doesNotContain(WITHOUT);
    }

    private static void speaksHttp2(PullSession session, Http2Server registry, OciImage.Packed image) throws Exception {
        TestKeys.ofThisMachine().writeCertificate(file(session, "ca.pem"));
        hosts(session, registry.host(), "ca = \"ca.pem\"");
        assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
        assertThat(registry.requests()).hasSize(3);
        assertThat(registry.connections()).isEqualTo(1);
    }

    /** As where its library is missing, is another machine's, or cannot be executed. */
    @Test
    void withoutBoringSslJavasTlsIsUsedAndTheLogSaysSo(Rig rig) throws Exception {
        DaemonDirs dirs = DaemonDirs.in(rig.folder("tls"));
        Map<String, String> environment =
                Map.of("CORACLE_JAVA_OPTS", "-Dio.grpc.netty.shaded.io.netty.handler.ssl.noOpenSsl=true");
        OciImage.Packed image = PullSession.newImage();
        OciImage.Packed other = PullSession.newImage();
        try (Coracle daemon = new Coracle(rig.node(), dirs, environment);
                NodeRegistry registry = over(rig, TestKeys.ofThisMachine());
                Http2Server http2 = http2(rig.node(), other)) {
            daemon.start();
            assertThat(daemon.log()).doesNotContain(WITHOUT);
            registry.image("a", "1", image);
            try (CriClient client = CriClient.connect(daemon.socket());
                    PullSession session = new PullSession(client, dirs)) {
                TestKeys.ofThisMachine().writeCertificate(file(session, "ca.pem"));
                hosts(session, registry.host(), "");
                assertThat(Refused.with(Status.Code.UNKNOWN, () -> session.pull(NAME)))
                        .contains("unable to find valid certification path");
                hosts(session, registry.host(), "ca = \"ca.pem\"");
                assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
                speaksHttp2(session, http2, other);
            }
            assertThat(daemon.log().lines().filter(line -> line.contains(WITHOUT)))
                    .singleElement()
                    .asString()
                    .contains("load BoringSSL: ");
        }
    }
}
