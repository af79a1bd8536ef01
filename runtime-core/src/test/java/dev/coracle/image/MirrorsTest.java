package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.PullFailed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of a registry's servers is asked for what, and what becomes of those that do not answer. Runs as root. */
class MirrorsTest {
    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
        stage.registry().image("a", "1", PullStage.LOWER);
        stage.registry().image("a", "2", PullStage.UPPER);
    }

    @Test
    void whatMayOnlyPullIsNotAskedWhatATagMeans() throws Exception {
        try (TestRegistry mirror = new TestRegistry()) {
            Digest manifest = mirror.image("a", "1", PullStage.LOWER);
            stage.hosts("example.test", """
                server = "http://%s"
                [host."http://%s"]
                  capabilities = ["pull"]
                """.formatted(stage.registry().host(), mirror.host()));

            stage.pullFrom("example.test/a:1");

            assertThat(mirror.askedFor("manifests/1")).isEmpty();
            assertThat(mirror.asked())
                    .extracting(AskedRequest::path)
                    .hasSize(2)
                    .allMatch(path -> path.contains("/blobs/"));
            assertThat(stage.registry().asked())
                    .extracting(AskedRequest::toString)
                    .containsExactly("GET /v2/a/manifests/1");

            stage.images().remove("example.test/a:1");
            stage.pullFrom("example.test/a@" + manifest);
            assertThat(mirror.askedFor("manifests/" + manifest)).hasSize(1);
            assertThat(stage.registry().asked()).hasSize(1);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsAskedLastByLaterPullsToo() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ServerSocket dead = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> hangUp(dead, asked));
            stage.hosts("example.test", """
                server = "http://%s"
                [host."http://127.0.0.1:%d"]
                """.formatted(stage.registry().host(), dead.getLocalPort()));
            stage.pullFrom("example.test/a:1");
            int before = asked.get();
            assertThat(before).isPositive();

            stage.pullFrom("example.test/a:2");

            assertThat(asked.get()).isEqualTo(before);
        }
    }

    private static void hangUp(ServerSocket server, AtomicInteger asked) {
        try {
            while (true) {
                server.accept().close();
                asked.incrementAndGet();
            }
        } catch (IOException e) {
            // The test is over.
            assertThat(server.isClosed()).isTrue();
        }
    }

    @Test
    void silenceIsForgottenAfterAWhileAndByAnAnswer() {
        RegistryHost host = RegistryHost.upstream("a.test");
        DeadHosts dead = new DeadHosts(Duration.ofHours(1));
        dead.add(host);
        assertThat(dead.contains(host)).isTrue();
        dead.remove(host);
        assertThat(dead.contains(host)).isFalse();
        DeadHosts forgetful = new DeadHosts(Duration.ZERO);
        forgetful.add(host);
        assertThat(forgetful.contains(host)).isFalse();
    }

    @Test
    void whoCannotBeConnectedToInTimeIsPassedOver() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fill(full, waiting);
            StringBuilder toml =
                    new StringBuilder("server = \"http://" + stage.registry().host() + "\"\n");
            int mirrors = 12;
            for (int i = 0; i < mirrors; i++) {
                toml.append("[host.\"http://127.0.0.1:%d/%d\"]\ndial_timeout = \"100ms\"\n"
                        .formatted(full.getLocalPort(), i));
            }
            stage.hosts("example.test", toml.toString());
            long begin = System.nanoTime();
            stage.pullFrom("example.test/a:1");
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(RegistryHost.DEFAULT_DIAL_TIMEOUT.multipliedBy(mirrors / 2));
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    /** Connects until the kernel lets nobody wait any more. */
    private static void fill(ServerSocket server, List<Socket> waiting) throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                waiting.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()), 300);
            }
        } catch (java.net.SocketTimeoutException e) {
            assertThat(waiting).hasSizeGreaterThan(1);
        }
    }

    @Test
    void headersOfTheFileGoToTheirServerOnly() throws Exception {
        try (TestRegistry store = new TestRegistry()) {
            String blob = store.blob("cdn", PullStage.LOWER.blob()).toString();
            stage.registry()
                    .script((asked, exchange) -> asked.path().endsWith(blob)
                            && TestRegistry.answer(
                                    exchange, 302, "", "Location", "http://" + store.host() + "/v2/cdn/blobs/" + blob));
            stage.hosts("example.test", """
                server = "http://%s"
                [header]
                  x-node = "n1"
                """.formatted(stage.registry().host()));
            stage.pullFrom("example.test/a:1");
            assertThat(store.asked())
                    .extracting(asked -> asked.header("X-Node"))
                    .containsOnly("");
        }
        assertThat(stage.registry().asked())
                .extracting(asked -> asked.header("X-Node"))
                .containsOnly("n1");
    }

    /** The proxy is a registry itself here, which is asked for the address of another. */
    @Test
    void aProxyOfTheEnvironmentIsAsked() {
        Proxies proxies = Proxies.of(
                java.util.Map.of("HTTP_PROXY", "http://u:p@" + stage.registry().host()));
        try (Pulls pulls = stage.pulls(proxies, PullLimits.DEFAULT, 2, 4 << 20)) {
            stage.hosts("example.test", "server = \"http://elsewhere.test\"");
            pulls.pull("example.test/a:1", Credentials.NONE).await();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(stage.registry().asked())
                .hasSize(3)
                .extracting(asked -> asked.uri().getHost() + " " + asked.header("Proxy-Authorization"))
                .containsOnly("elsewhere.test Basic dTpw");
    }

    /** Registries answer with what is asked for: what is left out here would be turned into something older, or not be found. */
    @Test
    void manifestsAndIndexesOfOciAndDockerAreAskedFor() {
        stage.pull("a:1");
        String accepted = stage.registry().askedFor("/manifests/1").getFirst().header("Accept");
        assertThat(accepted.split(", "))
                .containsExactlyInAnyOrder(
                        "application/vnd.oci.image.index.v1+json",
                        "application/vnd.oci.image.manifest.v1+json",
                        "application/vnd.docker.distribution.manifest.list.v2+json",
                        "application/vnd.docker.distribution.manifest.v2+json");
    }

    @Test
    void failuresOfAllServersAreInTheMessage() throws Exception {
        stage.hosts("example.test", """
            server = "http://127.0.0.1:1"
            [host."http://127.0.0.1:2"]
            """);
        assertThatThrownBy(() -> stage.pullFrom("example.test/a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageStartingWith("RegistryUnavailable: pull example.test/a:1: ")
                .hasMessageContaining("127.0.0.1:2 cannot be reached")
                .hasMessageContaining("127.0.0.1:1 cannot be reached");
    }
}
