package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.AskedRequest;
import dev.coracle.image.TestRegistry;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code hosts.toml}: which servers have a registry's images, what they are asked for, and what becomes of those that fail. */
@DaemonTest
@CoracleOnly
final class PullMirrorsTest {
    private static final String DOMAIN = "mirrored.example";
    private static final String NAME = DOMAIN + "/a:1";

    /** No server that answers has this address. */
    private static final String DEAD = "127.0.0.9";

    private static boolean says(HttpExchange exchange, int status) throws IOException {
        return TestRegistry.answer(exchange, status, TestRegistry.error("TOOMANYREQUESTS"));
    }

    private static void hosts(PullSession session, NodeRegistry registry, String mirrors) {
        session.hosts(DOMAIN, "server = \"http://" + registry.host() + "\"\n" + mirrors);
    }

    private static String mirror(NodeRegistry mirror, String settings) {
        return "[host.\"http://" + mirror.host() + "\"]\n" + settings + "\n";
    }

    @Test
    void mirrorsAreAskedForWhatTheyMayGive(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node());
                NodeRegistry pulls = NodeRegistry.mirrorIn(rig.node());
                NodeRegistry resolves = NodeRegistry.mirrorIn(rig.node())) {
            OciImage.Packed image = PullSession.newImage();
            for (NodeRegistry server : List.of(registry, pulls, resolves)) {
                server.image("a", "1", image);
            }
            String puller = mirror(pulls, "capabilities = [\"pull\"]");
            hosts(session, registry, puller);
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked()).extracting(AskedRequest::toString).containsExactly("GET /v2/a/manifests/1");
            assertThat(pulls.asked())
                    .extracting(AskedRequest::path)
                    .containsExactlyInAnyOrder(
                            "/v2/a/blobs/" + PullSession.id(image), "/v2/a/blobs/" + PullSession.layer(image));
            assertThat(session.status(NAME).getRepoTagsList()).containsExactly(NAME);

            session.remove(PullSession.id(image));
            registry.forget();
            pulls.forget();
            hosts(session, registry, mirror(resolves, "capabilities = [\"resolve\"]") + puller);
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
            assertThat(resolves.asked()).extracting(AskedRequest::path).containsExactly("/v2/a/manifests/1");
            assertThat(pulls.asked()).hasSize(2);
            assertThat(registry.asked()).isEmpty();
        }
    }

    /** A new file counts at the next pull, and so does that it is gone. */
    @Test
    void theFileIsReadAtEachPull(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node());
                NodeRegistry mirror = NodeRegistry.mirrorIn(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            mirror.script((asked, exchange) -> asked.path().startsWith("/deep/") && says(exchange, 404));
            hosts(
                    session,
                    registry,
                    "[host.\"http://%1$s/deep\"]\noverride_path = true\n[host.\"http://%1$s/deep\".header]\nx-node = [\"n1\", \"n2\"]\n"
                            .formatted(mirror.host()));
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
            assertThat(mirror.asked()).isNotEmpty().allSatisfy(asked -> {
                assertThat(asked.path()).startsWith("/deep/a/");
                assertThat(asked.uri().getQuery()).isEqualTo("ns=" + DOMAIN);
                assertThat(asked.headers().get("x-node")).containsExactlyInAnyOrder("n1", "n2");
            });
            assertThat(registry.asked()).isNotEmpty().allSatisfy(asked -> {
                assertThat(asked.uri().getQuery()).isNull();
                assertThat(asked.header("x-node")).isEmpty();
            });

            mirror.forget();
            hosts(session, registry, "[header]\nx-node = \"n3\"\n");
            session.remove(PullSession.id(image));
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
            assertThat(mirror.asked()).isEmpty();
            assertThat(registry.asked().getLast().header("x-node")).isEqualTo("n3");

            session.hosts(DOMAIN, "server = 3\n");
            assertThat(Refused.anyhow(() -> session.pull(NAME)))
                    .contains(session.folder(DOMAIN).resolve("hosts.toml").toString(), "server");
            session.hosts(DOMAIN, "server = \"http://127.0.0.1:1\"\ndial_timeout = \"soon\"\n");
            assertThat(Refused.anyhow(() -> session.pull(NAME))).contains("dial_timeout: soon is not a duration");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 429, 500, 503})
    void aMirrorsErrorsDoNotMatter(int status, Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node());
                NodeRegistry mirror = NodeRegistry.mirrorIn(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            mirror.script((_, exchange) -> says(exchange, status));
            hosts(session, registry, mirror(mirror, ""));
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked()).hasSize(3);
            // Nothing is asked twice; one that is out of order is not asked for the rest.
            assertThat(mirror.asked()).doesNotHaveDuplicates().hasSize(status == 429 || status >= 500 ? 1 : 3);
        }
    }

    @Test
    void whatTheRegistryItselfSaysDecides(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node());
                NodeRegistry mirror = NodeRegistry.mirrorIn(rig.node())) {
            mirror.script((_, exchange) -> says(exchange, 503));
            hosts(session, registry, mirror(mirror, ""));
            assertThat(Refused.with(Status.Code.NOT_FOUND, () -> session.pull(NAME)))
                    .contains(NAME)
                    .contains(mirror.host() + " answered 503 TOOMANYREQUESTS")
                    .contains(registry.host() + " answered 404 MANIFEST_UNKNOWN");
            registry.script((_, exchange) -> says(exchange, 502));
            assertThat(Refused.with(Status.Code.UNKNOWN, () -> session.pull(NAME)))
                    .startsWith("RegistryUnavailable: pull " + NAME + ": ")
                    .contains(mirror.host() + " answered 503", registry.host() + " answered 502");
        }
    }

    /** Nobody is asked twice before others are, and for a minute it is asked last. */
    @Test
    void aDeadMirrorIsRememberedAndTheNextIsAskedAtOnce(Rig rig) throws IOException {
        AtomicInteger connections = new AtomicInteger();
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node());
                NodeRegistry next = NodeRegistry.mirrorIn(rig.node());
                ServerSocket dead = NodeSockets.in(rig.node(), () -> listening(50))) {
            Thread.ofVirtual().start(() -> hangUp(dead, connections));
            OciImage.Packed first = next.image("a", "1", PullSession.newImage());
            OciImage.Packed second = next.image("a", "2", PullSession.newImage());
            hosts(session, registry, "[host.\"http://" + DEAD + ":" + dead.getLocalPort() + "\"]\n" + mirror(next, ""));
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(first));
            assertThat(connections).hasValue(1);
            assertThat(session.pull(DOMAIN + "/a:2")).isEqualTo(PullSession.id(second));
            assertThat(connections).hasValue(1);
            assertThat(next.asked()).hasSize(6);
            assertThat(registry.asked()).isEmpty();
        }
    }

    private static ServerSocket listening(int backlog) throws IOException {
        return new ServerSocket(0, backlog, InetAddress.getByName(DEAD));
    }

    private static void hangUp(ServerSocket server, AtomicInteger connections) {
        try {
            while (true) {
                Socket client = server.accept();
                connections.incrementAndGet();
                client.close();
            }
        } catch (IOException e) {
            assertThat(server.isClosed()).isTrue(); // the test is over
        }
    }

    /** Where no packet is answered. Ten that cannot be connected to, at 5 s each, would take most of a minute. */
    @Test
    void whoCannotBeConnectedToInTimeIsPassedOver(Rig rig) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node());
                ServerSocket full = NodeSockets.in(rig.node(), () -> listening(1))) {
            int connected = NodeSockets.in(rig.node(), () -> fill(full, waiting));
            assertThat(connected).isPositive();
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            StringBuilder mirrors = new StringBuilder();
            int count = 10;
            for (int i = 0; i < count; i++) {
                mirrors.append("[host.\"http://%s:%d/%d\"]\ndial_timeout = \"100ms\"\n"
                        .formatted(DEAD, full.getLocalPort(), i));
            }
            hosts(session, registry, mirrors.toString());
            long begin = System.nanoTime();
            assertThat(session.pull(NAME)).isEqualTo(PullSession.id(image));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5L * count / 2));
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    /** Connects until the kernel lets nobody wait any more. */
    private static int fill(ServerSocket server, List<Socket> waiting) throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                waiting.add(socket);
                socket.connect(new InetSocketAddress(DEAD, server.getLocalPort()), 300);
            }
        } catch (SocketTimeoutException e) {
            return waiting.size() - 1;
        }
    }
}
