package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.TestRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Mirrors that live and do not serve: nothing tells that but time, which is 30 seconds. So all of them are waited for at once. What such
 * a mirror holds back is asked of the next, and no more than that.
 */
@DaemonTest
@CoracleOnly
final class PullStallTest {
    private static final int PART = 100_000;

    /** A registry and its mirror, which does something else for the layer, if it answers at all. */
    private record Pair(NodeRegistry registry, NodeRegistry mirror, OciImage.Packed image) {
        static Pair in(Rig rig) {
            Pair pair = new Pair(
                    NodeRegistry.in(rig.node()),
                    // No other server has this address: who does not answer is remembered by it.
                    NodeRegistry.in(rig.node(), "127.0.0.10", null),
                    PullSession.newImage(4 * PART));
            List.of(pair.registry, pair.mirror).forEach(server -> server.image("a", "1", pair.image));
            return pair;
        }

        Blob layer() {
            return image.blobs().getFirst();
        }

        CompletableFuture<String> pull(PullSession session, String domain) {
            session.mirror(domain, registry, mirror);
            return CompletableFuture.supplyAsync(() -> session.pull(domain + "/a:1"), Thread::startVirtualThread);
        }

        void close() {
            registry.close();
            mirror.close();
        }
    }

    @Test
    void whatAMirrorHoldsBackIsAskedOfTheNext(Rig rig) {
        CountDownLatch over = new CountDownLatch(1);
        List<Pair> pairs = List.of(Pair.in(rig), Pair.in(rig), Pair.in(rig));
        Pair mute = pairs.get(0);
        Pair stalled = pairs.get(1);
        Pair dripping = pairs.get(2);
        mute.mirror.script((_, _) -> TestRegistry.hold(over));
        stalled.mirror.script((asked, exchange) ->
                asked.path().endsWith(stalled.layer().digest()) && stops(exchange, stalled.layer(), over));
        dripping.mirror.script((asked, exchange) ->
                asked.path().endsWith(dripping.layer().digest()) && drips(exchange, dripping.layer(), over));
        try (PullSession session = PullSession.of(rig)) {
            List<CompletableFuture<String>> pulls = List.of(
                    mute.pull(session, "mute.example"),
                    stalled.pull(session, "stalled.example"),
                    dripping.pull(session, "dripping.example"));
            for (int i = 0; i < pairs.size(); i++) {
                assertThat(pulls.get(i).join()).isEqualTo(PullSession.id(pairs.get(i).image));
            }
            assertThat(mute.mirror.asked()).hasSize(1);
            assertThat(mute.registry.asked()).hasSize(3);
            assertThat(stalled.mirror.asked()).hasSize(3);
            assertThat(stalled.registry.asked())
                    .extracting(asked -> asked.header("Range"))
                    .containsExactly("bytes=" + PART + "-");
            assertThat(dripping.registry.askedFor(dripping.layer().digest()))
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.header("Range")).matches("bytes=[1-9]\\d*-"));
            // It is known by now.
            OciImage.Packed later = PullSession.newImage();
            mute.registry.image("a", "2", later);
            assertThat(session.pull("mute.example/a:2")).isEqualTo(PullSession.id(later));
            assertThat(mute.mirror.asked()).hasSize(1);
        } finally {
            over.countDown();
            pairs.forEach(Pair::close);
        }
    }

    private static boolean stops(HttpExchange exchange, Blob blob, CountDownLatch over) throws IOException {
        byte[] part = Arrays.copyOf(blob.bytes(), PART);
        return TestRegistry.begin(exchange, 200, blob.bytes().length, part) && TestRegistry.hold(over);
    }

    /** A byte now and then, until nobody listens. */
    private static boolean drips(HttpExchange exchange, Blob blob, CountDownLatch over) throws IOException {
        exchange.sendResponseHeaders(200, blob.bytes().length);
        OutputStream out = exchange.getResponseBody();
        for (int i = 0; over.getCount() > 0; i++) {
            out.write(blob.bytes(), i, 1);
            out.flush();
            Waiting.sleep(Duration.ofMillis(100));
        }
        return true;
    }
}
