package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.TestKeys;
import dev.coracle.image.TestProxy;
import dev.coracle.image.TestRegistry;
import io.grpc.Status;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Proxies that the daemon's environment names. Registries behind them are out of its reach, or of names that nobody knows but a proxy. */
@DaemonTest
@CoracleOnly
final class PullProxyTest {
    private static final String PROVEN = "Basic dTpw";

    /** An address of the node's that is not its loopback, which is always reached directly. */
    private static final String BRIDGE = "10.88.0.1";

    @Test
    void whatTheEnvironmentNamesIsGoneThrough(Rig rig) throws Exception {
        DaemonDirs dirs = DaemonDirs.in(rig.folder("proxy"));
        try (NodeRegistry hidden = NodeRegistry.outside(TestKeys.ofThisMachine().server());
                TestProxy tunnels = NodeSockets.in(rig.node(), () -> new TestProxy(hidden.port()));
                NodeRegistry plain = NodeRegistry.in(rig.node());
                Coracle daemon = new Coracle(
                        rig.node(),
                        dirs,
                        Map.of(
                                "HTTP_PROXY",
                                "http://u:p@" + plain.host(),
                                "https_proxy",
                                "http://u:p@127.0.0.1:" + tunnels.port(),
                                "NO_PROXY",
                                "other.example, 10.88.0.0/16",
                                // What the environment of the tests has does not count.
                                "http_proxy",
                                "",
                                "HTTPS_PROXY",
                                "",
                                "no_proxy",
                                ""))) {
            daemon.start();
            try (CriClient client = CriClient.connect(daemon.socket());
                    PullSession session = new PullSession(client, dirs)) {
                plainHttpIsAskedOfTheProxy(session, plain);
                httpsGoesThroughATunnel(session, hidden, tunnels);
                plain.forget();
                exceptionsAreReachedDirectly(rig, session);
                assertThat(plain.asked()).isEmpty();
                aProxysRefusalIsSaid(session, plain);
            }
            assertThat(daemon.log()).doesNotContain("u:p", PROVEN);
        }
    }

    /** The proxy is a registry itself here, which is asked for the address of another. */
    private static void plainHttpIsAskedOfTheProxy(PullSession session, NodeRegistry proxy) {
        OciImage.Packed image = proxy.image("a", "1", PullSession.newImage());
        session.hosts("plain.example", "server = \"http://elsewhere.example:5000\"");
        assertThat(session.pull("plain.example/a:1")).isEqualTo(PullSession.id(image));
        assertThat(proxy.asked()).hasSize(3).allSatisfy(asked -> {
            assertThat(asked.uri()).hasScheme("http").hasAuthority("elsewhere.example:5000");
            assertThat(asked.header("Host")).isEqualTo("elsewhere.example:5000");
            assertThat(asked.header("Proxy-Authorization")).isEqualTo(PROVEN);
        });
    }

    private static void httpsGoesThroughATunnel(PullSession session, NodeRegistry hidden, TestProxy proxy)
            throws Exception {
        OciImage.Packed image = hidden.image("a", "1", PullSession.newImage());
        session.hosts(
                "encrypted.example", "server = \"https://registry.test\"\ndial_timeout = \"1m\"\nca = \"ca.pem\"");
        var _ = TestKeys.ofThisMachine()
                .writeCertificate(Files.createDirectories(session.folder("encrypted.example"))
                        .resolve("ca.pem"));
        assertThat(session.pull("encrypted.example/a:1")).isEqualTo(PullSession.id(image));
        assertThat(hidden.asked()).hasSize(3).allSatisfy(asked -> {
            assertThat(asked.header("Host")).isEqualTo("registry.test");
            assertThat(asked.header("Proxy-Authorization")).isEmpty();
        });
        assertThat(proxy.heads())
                .isNotEmpty()
                .allSatisfy(head -> assertThat(head)
                        .startsWith("CONNECT registry.test:443 HTTP/1.1\r\n")
                        .containsIgnoringCase("Proxy-Authorization: " + PROVEN));
    }

    private static void exceptionsAreReachedDirectly(Rig rig, PullSession session) {
        try (NodeRegistry excepted = NodeRegistry.in(rig.node(), BRIDGE, null);
                NodeRegistry local = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = excepted.image("a", "1", PullSession.newImage());
            OciImage.Packed other = local.image("a", "1", PullSession.newImage());
            session.hosts("excepted.example", "server = \"http://" + excepted.host() + "\"");
            assertThat(session.pull("excepted.example/a:1")).isEqualTo(PullSession.id(image));
            assertThat(session.pull(local.host() + "/a:1")).isEqualTo(PullSession.id(other));
            assertThat(excepted.asked())
                    .hasSize(3)
                    .extracting(asked -> asked.header("Proxy-Authorization"))
                    .containsOnly("");
        }
    }

    private static void aProxysRefusalIsSaid(PullSession session, NodeRegistry proxy) {
        proxy.script((_, exchange) -> {
            return TestRegistry.answer(exchange, 407, "", "Proxy-Authenticate", "Basic realm=\"proxy\"");
        });
        String message = Refused.with(Status.Code.UNKNOWN, () -> session.pull("plain.example/a:2"));
        assertThat(message)
                .startsWith("RegistryUnavailable: pull plain.example/a:2: ")
                .contains("answered 407")
                .doesNotContain("u:p");
    }
}
