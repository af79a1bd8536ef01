package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Denied;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that are so large that they are fetched in stretches. Runs as root. */
class RangesTest {
    private static final int RANGE = 32 << 10;
    private static final byte[] BLOB = PullStage.LOWER.blob();
    private static final String DIGEST = Digest.sha256(BLOB).toString();

    @TempDir
    Path work;

    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
        stage.registry().image("a", "1", PullStage.LOWER);
        assertThat(BLOB).as("enough for the window to move").hasSizeGreaterThan((BlobRanges.WINDOW + 1) * RANGE);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void stretchesAreFetchedSideBySideAndEachOnce() throws Exception {
        CountDownLatch beside = new CountDownLatch(BlobRanges.WINDOW - 1);
        stage.registry().fault(exchange -> {
            if (isBlob(exchange) && !rangeOf(exchange).startsWith("bytes=0-")) {
                beside.countDown();
                pass(beside);
            }
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            pull(pulls);
        }
        assertThat(stage.registry().requestsWith(DIGEST)).isEqualTo((BLOB.length + RANGE - 1) / RANGE);
    }

    @Test
    void aRegistryThatKnowsNoRangesGivesAllAtOnce() throws Exception {
        stage.registry().fault(exchange -> {
            if (isBlob(exchange)) {
                exchange.sendResponseHeaders(200, BLOB.length);
                exchange.getResponseBody().write(BLOB);
                return true;
            }
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(1, RANGE)) {
            pull(pulls);
        }
        assertThat(stage.registry().requestsWith(DIGEST)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 416, 500})
    void aRegistryThatAnswersStretchesWithAnErrorIsAskedForAll(int status) throws Exception {
        stage.registry().fault(exchange -> isBlob(exchange) && hasRange(exchange) && refuse(exchange, status));
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            pull(pulls);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 416, 500})
    void aRegistryThatGivesNoMoreStretchesIsAskedForTheRest(int status) throws Exception {
        List<String> given = new java.util.concurrent.CopyOnWriteArrayList<>();
        stage.registry().fault(exchange -> {
            if (!isBlob(exchange)) {
                return false;
            }
            String range = rangeOf(exchange);
            if (range.startsWith("bytes=" + 2 * RANGE) || range.startsWith("bytes=" + 3 * RANGE)) {
                return refuse(exchange, status);
            }
            given.add(range);
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            pull(pulls);
        }
        assertThat(given).startsWith("bytes=0-" + (RANGE - 1)).endsWith("null");
    }

    @Test
    void aRegistryThatForbidsABlobForbidsIt() throws Exception {
        stage.registry().fault(exchange -> isBlob(exchange) && refuse(exchange, 403));
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            assertThatThrownBy(() -> pull(pulls))
                    .isInstanceOfSatisfying(
                            Denied.class, e -> assertThat(e.unauthenticated()).isFalse())
                    .hasMessageContaining("answered 403");
        }
        assertThat(stage.registry().requestsWith(DIGEST))
                .as("a stretch, and all")
                .isEqualTo(2);
    }

    /** A store of blobs whose addresses hold signatures that are good for three requests. */
    @Test
    void whereARegistryRedirectedToIsAskedAgainWhileItGives() throws Exception {
        AtomicInteger signatures = new AtomicInteger();
        AtomicInteger uses = new AtomicInteger();
        try (TestRegistry store = new TestRegistry();
                Pulls pulls = stage.pullsInRanges(1, RANGE)) {
            store.blob("cdn", BLOB);
            store.fault(exchange -> {
                boolean good = ("s=" + signatures.get())
                        .equals(exchange.getRequestURI().getQuery());
                return !(good && uses.incrementAndGet() <= 3) && refuse(exchange, 403);
            });
            stage.registry().fault(exchange -> {
                if (!isBlob(exchange)) {
                    return false;
                }
                uses.set(0);
                exchange.getResponseHeaders()
                        .set(
                                "Location",
                                "http://" + store.host() + "/v2/cdn/blobs/" + DIGEST + "?s="
                                        + signatures.incrementAndGet());
                TestRegistry.answer(exchange, 307, "");
                return true;
            });
            pull(pulls);
        }
        int stretches = (BLOB.length + RANGE - 1) / RANGE;
        assertThat(stage.registry().requestsWith(DIGEST)).isEqualTo((stretches + 2) / 3);
    }

    @Test
    void aStretchThatBreaksOffIsCompletedFromThere() throws Exception {
        AtomicInteger cuts = new AtomicInteger(2);
        List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
        stage.registry().fault(exchange -> {
            if (!isBlob(exchange)) {
                return false;
            }
            String range = rangeOf(exchange);
            asked.add(range);
            if (!range.startsWith("bytes=" + RANGE + "-") || cuts.getAndDecrement() <= 0) {
                return false;
            }
            exchange.getResponseHeaders().set("Content-Range", "bytes " + RANGE + "-/" + BLOB.length);
            exchange.sendResponseHeaders(206, RANGE);
            exchange.getResponseBody().write(BLOB, RANGE, 5000);
            exchange.getResponseBody().flush();
            return true;
        });
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            pull(pulls);
        }
        assertThat(asked).contains("bytes=" + (RANGE + 5000) + "-" + (2 * RANGE - 1));
    }

    @Test
    void aStretchThatStandsStillIsContinuedOverAnotherConnection() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<String> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (PullStage impatient = new PullStage(work.resolve("impatient"));
                Pulls pulls = impatient.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            impatient.registry().image("a", "1", PullStage.LOWER);
            impatient.registry().fault(exchange -> {
                if (!isBlob(exchange)) {
                    return false;
                }
                asked.add(rangeOf(exchange));
                if (!rangeOf(exchange).startsWith("bytes=" + RANGE + "-")) {
                    return false;
                }
                exchange.getResponseHeaders().set("Content-Range", "bytes " + RANGE + "-/" + BLOB.length);
                exchange.sendResponseHeaders(206, RANGE);
                exchange.getResponseBody().write(BLOB, RANGE, 5000);
                exchange.getResponseBody().flush();
                pass(end);
                return true;
            });
            pulls.pull(impatient.registry().host() + "/a:1", Credentials.NONE).await();
            assertThat(asked).contains("bytes=" + (RANGE + 5000) + "-" + (2 * RANGE - 1));
        } finally {
            end.countDown();
        }
    }

    @Test
    void oneBufferForAllLayersIsEnough() throws Exception {
        LayerBlob other = LayerBlob.gzip(new Tar().file("other", PullStage.noise(200_000, 7)));
        stage.registry().image("b", "1", PullStage.LOWER, other);
        try (Pulls pulls = stage.pullsInRanges(1, RANGE)) {
            pulls.pull(stage.registry().host() + "/b:1", Credentials.NONE).await();
        }
    }

    @Test
    void aCancelledPullGivesItsBuffersBack() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        stage.registry().fault(exchange -> {
            if (isBlob(exchange) && !rangeOf(exchange).startsWith("bytes=0-")) {
                pass(gate);
            }
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(2, RANGE)) {
            PullTicket ticket = pulls.pull(stage.registry().host() + "/a:1", Credentials.NONE);
            await().until(() -> stage.registry().requestsWith(DIGEST) >= 2);

            ticket.cancel();

            assertThatThrownBy(ticket::await).isInstanceOf(Cancelled.class);
            await().untilAsserted(stage::nothingIsLeft);
            gate.countDown();
            stage.registry().clearFaults();
            pull(pulls);
        }
    }

    @Test
    void aMirrorThatLiesIsLeftForTheRegistry() throws Exception {
        try (TestRegistry mirror = new TestRegistry()) {
            mirror.image("a", "1", PullStage.LOWER);
            mirror.fault(exchange -> {
                if (!isBlob(exchange)) {
                    return false;
                }
                exchange.getResponseHeaders()
                        .set("Content-Range", rangeOf(exchange).replace('=', ' ') + "/*");
                exchange.sendResponseHeaders(206, RANGE);
                exchange.getResponseBody().write(new byte[RANGE]);
                return true;
            });
            stage.hosts("example.test", """
                server = "http://%s"
                [host."http://%s"]
                """.formatted(stage.registry().host(), mirror.host()));
            try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
                pulls.pull("example.test/a:1", Credentials.NONE).await();
            }
            assertThat(mirror.requestsWith(DIGEST)).isPositive();
            assertThat(stage.registry().requestsWith(DIGEST)).isPositive();
        }
    }

    @Test
    void thereAreSoManyBuffersAndNoMore() throws Exception {
        PullBuffers buffers = new PullBuffers(2, RANGE);
        ByteBuffer first = buffers.take();
        buffers.take();
        assertThat(buffers.poll()).isEmpty();
        buffers.give(first.position(9));
        assertThat(buffers.take()).isSameAs(first).matches(b -> b.remaining() == RANGE);
        long outside = (long) PullSettings.DEFAULT.ranges().count()
                        * PullSettings.DEFAULT.ranges().bytes()
                + PullSettings.DEFAULT.parallelLayers() * (2200L << 10);
        assertThat(outside).as("for all pulls together").isLessThanOrEqualTo(64 << 20);
    }

    @Test
    void freeBuffersHoldNoMemoryOnceItIsReleased() throws Exception {
        PullBuffers buffers = new PullBuffers(2, 1 << 20);
        ByteBuffer free = buffers.take();
        ByteBuffer used = buffers.take();
        buffers.give(free.put(1 << 19, (byte) 1));
        used.put(1 << 19, (byte) 1);
        buffers.release();
        assertThat(free.get(1 << 19)).isZero();
        assertThat(used.get(1 << 19)).isEqualTo((byte) 1);
    }

    private void pull(Pulls pulls) {
        pulls.pull(stage.registry().host() + "/a:1", Credentials.NONE).await();
    }

    private static boolean isBlob(HttpExchange exchange) {
        return exchange.getRequestURI().getPath().endsWith(DIGEST);
    }

    private static boolean hasRange(HttpExchange exchange) {
        return exchange.getRequestHeaders().containsKey("Range");
    }

    private static boolean refuse(HttpExchange exchange, int status) throws IOException {
        TestRegistry.answer(exchange, status, "");
        return true;
    }

    private static String rangeOf(HttpExchange exchange) {
        return String.valueOf(exchange.getRequestHeaders().getFirst("Range"));
    }

    private static void pass(CountDownLatch gate) throws IOException {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
