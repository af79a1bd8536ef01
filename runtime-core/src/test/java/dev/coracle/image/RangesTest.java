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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
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

    @AutoClose
    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
        stage.registry().image("a", "1", PullStage.LOWER);
        assertThat(BLOB).as("enough for the window to move").hasSizeGreaterThan((BlobRanges.WINDOW + 1) * RANGE);
    }

    @Test
    void stretchesAreFetchedSideBySideAndEachOnce() throws Exception {
        CountDownLatch beside = new CountDownLatch(BlobRanges.WINDOW - 1);
        stage.registry().script((asked, exchange) -> {
            if (isBlob(asked) && !asked.header("Range").startsWith("bytes=0-")) {
                beside.countDown();
                TestRegistry.hold(beside);
            }
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        assertThat(stage.registry().askedFor(DIGEST)).hasSize((BLOB.length + RANGE - 1) / RANGE);
    }

    @Test
    void aRegistryThatKnowsNoRangesGivesAllAtOnce() throws Exception {
        stage.registry().script((asked, exchange) -> isBlob(asked) && TestRegistry.answer(exchange, 200, BLOB));
        try (Pulls pulls = stage.pullsInRanges(1, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        assertThat(stage.registry().askedFor(DIGEST)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 416, 500})
    void aRegistryThatAnswersStretchesWithAnErrorIsAskedForAll(int status) throws Exception {
        stage.registry()
                .script((asked, exchange) ->
                        isBlob(asked) && !asked.header("Range").isEmpty() && refuse(exchange, status));
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            stage.pull(pulls, "a:1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 416, 500})
    void aRegistryThatGivesNoMoreStretchesIsAskedForTheRest(int status) throws Exception {
        List<String> given = new java.util.concurrent.CopyOnWriteArrayList<>();
        stage.registry().script((asked, exchange) -> {
            if (!isBlob(asked)) {
                return false;
            }
            String range = asked.header("Range");
            if (range.startsWith("bytes=" + 2 * RANGE) || range.startsWith("bytes=" + 3 * RANGE)) {
                return refuse(exchange, status);
            }
            given.add(range);
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        assertThat(given).startsWith("bytes=0-" + (RANGE - 1)).endsWith("");
    }

    @Test
    void aRegistryThatForbidsABlobForbidsIt() throws Exception {
        stage.registry().script((asked, exchange) -> isBlob(asked) && refuse(exchange, 403));
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            assertThatThrownBy(() -> stage.pull(pulls, "a:1"))
                    .isInstanceOfSatisfying(
                            Denied.class, e -> assertThat(e.unauthenticated()).isFalse())
                    .hasMessageContaining("answered 403");
        }
        assertThat(stage.registry().askedFor(DIGEST)).as("a stretch, and all").hasSize(2);
    }

    /** A store of blobs whose addresses hold signatures that are good for three requests. */
    @Test
    void whereARegistryRedirectedToIsAskedAgainWhileItGives() throws Exception {
        AtomicInteger signatures = new AtomicInteger();
        AtomicInteger uses = new AtomicInteger();
        try (TestRegistry store = new TestRegistry();
                Pulls pulls = stage.pullsInRanges(1, RANGE)) {
            store.blob("cdn", BLOB);
            store.script((asked, exchange) -> {
                boolean good = ("s=" + signatures.get()).equals(asked.uri().getQuery());
                return !(good && uses.incrementAndGet() <= 3) && refuse(exchange, 403);
            });
            stage.registry().script((asked, exchange) -> {
                if (!isBlob(asked)) {
                    return false;
                }
                uses.set(0);
                String signed =
                        "http://%s/v2/cdn/blobs/%s?s=%d".formatted(store.host(), DIGEST, signatures.incrementAndGet());
                return TestRegistry.answer(exchange, 307, "", "Location", signed);
            });
            stage.pull(pulls, "a:1");
        }
        int stretches = (BLOB.length + RANGE - 1) / RANGE;
        assertThat(stage.registry().askedFor(DIGEST)).hasSize((stretches + 2) / 3);
    }

    @Test
    void aStretchThatBreaksOffIsCompletedFromThere() throws Exception {
        AtomicInteger cuts = new AtomicInteger(2);
        stage.registry().script((asked, exchange) -> {
            boolean cut = isSecond(asked) && cuts.getAndDecrement() > 0;
            return cut && beginsSecond(exchange);
        });
        try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        theRestOfTheSecondWasAskedOf(stage);
    }

    @Test
    void aStretchThatStandsStillIsContinuedOverAnotherConnection() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (PullStage impatient = new PullStage(work.resolve("impatient"));
                Pulls pulls = impatient.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
            impatient.registry().image("a", "1", PullStage.LOWER);
            impatient
                    .registry()
                    .script((asked, exchange) -> isSecond(asked) && beginsSecond(exchange) && TestRegistry.hold(end));
            impatient.pull(pulls, "a:1");
            theRestOfTheSecondWasAskedOf(impatient);
        } finally {
            end.countDown();
        }
    }

    private static boolean isSecond(AskedRequest asked) {
        return isBlob(asked) && asked.header("Range").startsWith("bytes=" + RANGE + "-");
    }

    /** With so little of the second stretch that the rest has to be asked for. */
    private static boolean beginsSecond(HttpExchange exchange) throws IOException {
        byte[] part = Arrays.copyOfRange(BLOB, RANGE, RANGE + 5000);
        return TestRegistry.begin(exchange, 206, RANGE, part, "Content-Range", "bytes " + RANGE + "-/" + BLOB.length);
    }

    private static void theRestOfTheSecondWasAskedOf(PullStage stage) {
        assertThat(stage.registry().askedFor(DIGEST))
                .extracting(asked -> asked.header("Range"))
                .contains("bytes=" + (RANGE + 5000) + "-" + (2 * RANGE - 1));
    }

    @Test
    void oneBufferForAllLayersIsEnough() throws Exception {
        LayerBlob other = LayerBlob.gzip(new Tar().file("other", PullStage.noise(200_000, 7)));
        stage.registry().image("b", "1", PullStage.LOWER, other);
        try (Pulls pulls = stage.pullsInRanges(1, RANGE)) {
            stage.pull(pulls, "b:1");
        }
    }

    @Test
    void aCancelledPullGivesItsBuffersBack() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        stage.registry().script((asked, exchange) -> {
            if (isBlob(asked) && !asked.header("Range").startsWith("bytes=0-")) {
                TestRegistry.hold(gate);
            }
            return false;
        });
        try (Pulls pulls = stage.pullsInRanges(2, RANGE)) {
            PullTicket ticket = pulls.pull(stage.registry().host() + "/a:1", Credentials.NONE);
            await().until(() -> stage.registry().askedFor(DIGEST).size() >= 2);

            ticket.cancel();

            assertThatThrownBy(ticket::await).isInstanceOf(Cancelled.class);
            await().untilAsserted(stage::nothingIsLeft);
            gate.countDown();
            stage.registry().clearScripts();
            stage.pull(pulls, "a:1");
        }
    }

    @Test
    void aMirrorThatLiesIsLeftForTheRegistry() throws Exception {
        try (TestRegistry mirror = new TestRegistry()) {
            mirror.image("a", "1", PullStage.LOWER);
            mirror.script((asked, exchange) -> {
                if (!isBlob(asked)) {
                    return false;
                }
                String range = asked.header("Range").replace('=', ' ') + "/*";
                return TestRegistry.answer(exchange, 206, new byte[RANGE], "Content-Range", range);
            });
            stage.hosts("example.test", """
                server = "http://%s"
                [host."http://%s"]
                """.formatted(stage.registry().host(), mirror.host()));
            try (Pulls pulls = stage.pullsInRanges(BlobRanges.WINDOW, RANGE)) {
                pulls.pull("example.test/a:1", Credentials.NONE).await();
            }
            assertThat(mirror.askedFor(DIGEST)).isNotEmpty();
            assertThat(stage.registry().askedFor(DIGEST)).isNotEmpty();
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

    private static boolean isBlob(AskedRequest asked) {
        return asked.path().endsWith(DIGEST);
    }

    private static boolean refuse(HttpExchange exchange, int status) throws IOException {
        return TestRegistry.answer(exchange, status, "");
    }
}
