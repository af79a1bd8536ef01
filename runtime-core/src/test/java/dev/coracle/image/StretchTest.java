package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large layers from a server whose first answer was quick: many ranges come in one. Runs as root. */
class StretchTest {
    private static final int RANGE = 16 << 10;
    private static final int BUFFERS = BlobRanges.WINDOW;

    private static final byte[] BLOB = new Tar()
            .file("noise", PullStage.noise((Pace.LONG + 1) * RANGE + RANGE / 4, 11))
            .bytes();
    private static final String DIGEST = Digest.sha256(BLOB).toString();

    private static final String FIRST = range(0, RANGE);
    private static final String SECOND = range(RANGE, (Pace.LONG + 1) * RANGE);
    private static final String LAST = range((Pace.LONG + 1) * RANGE, BLOB.length);

    private final List<String> asked = new CopyOnWriteArrayList<>();

    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    /** What the registry does with requests for the blob, once they are noted. */
    private interface Fault {
        boolean take(HttpExchange exchange, String range) throws IOException;
    }

    @BeforeEach
    void open() {
        stage = new PullStage(work, PullStage.PATIENT);
        stage.registry().image("a", "1", new LayerBlob(BLOB, BLOB));
        assertThat(BLOB.length)
                .as("one range is left for a third answer")
                .isBetween((Pace.LONG + 1) * RANGE + 1, (Pace.LONG + 2) * RANGE);
    }

    private void serve(Fault fault) {
        stage.registry().script((request, exchange) -> {
            if (!request.path().endsWith(DIGEST)) {
                return false;
            }
            String range = request.header("Range");
            asked.add(range);
            return fault.take(exchange, range);
        });
    }

    private static String range(int from, int to) {
        return "bytes=" + from + "-" + (to - 1);
    }

    /** So much of the second answer, which is then held up or broken off. */
    private static boolean begin(HttpExchange exchange, int bytes) throws IOException {
        byte[] part = Arrays.copyOfRange(BLOB, RANGE, RANGE + bytes);
        String range = SECOND.replace('=', ' ') + "/" + BLOB.length;
        return TestRegistry.begin(exchange, 206, (long) Pace.LONG * RANGE, part, "Content-Range", range);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, BUFFERS})
    void manyRangesComeInOneAnswer(int buffers) {
        serve((_, _) -> false);
        try (Pulls pulls = stage.pullsInLongAnswers(buffers, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        assertThat(asked).containsExactly(FIRST, SECOND, LAST);
    }

    @Test
    void oneThatBreaksOffIsCompletedFromThere() {
        AtomicBoolean broken = new AtomicBoolean();
        int bytes = 2 * RANGE + 5000;
        serve((exchange, range) -> range.equals(SECOND) && !broken.getAndSet(true) && begin(exchange, bytes));
        try (Pulls pulls = stage.pullsInLongAnswers(BUFFERS, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        assertThat(asked).containsExactly(FIRST, SECOND, range(RANGE + bytes, (Pace.LONG + 1) * RANGE), LAST);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 416, 500})
    void aRegistryThatGivesNoMoreIsAskedForTheRest(int status) {
        serve((exchange, range) -> range.equals(LAST) && TestRegistry.answer(exchange, status, ""));
        try (Pulls pulls = stage.pullsInLongAnswers(BUFFERS, RANGE)) {
            stage.pull(pulls, "a:1");
        }
        assertThat(asked).startsWith(FIRST, SECOND, LAST).endsWith("bytes=" + (Pace.LONG + 1) * RANGE + "-");
    }

    /** Both while the server is waited for and while the stretch waits for a buffer. */
    @ParameterizedTest
    @ValueSource(ints = {5000, (BUFFERS + 1) * RANGE})
    void aCancelledPullGivesItsBuffersBack(int bytes) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        serve((exchange, range) -> {
            if (!range.equals(SECOND)) {
                return false;
            }
            begin(exchange, bytes);
            held.countDown();
            return TestRegistry.hold(gate);
        });
        try (Pulls pulls = stage.pullsInLongAnswers(BUFFERS, RANGE)) {
            PullTicket ticket = pulls.pull(stage.registry().host() + "/a:1", Credentials.NONE);
            held.await();

            ticket.cancel();

            assertThatThrownBy(ticket::await).isInstanceOf(Cancelled.class);
            await().untilAsserted(stage::nothingIsLeft);
            gate.countDown();
            stage.registry().clearScripts();
            stage.pull(pulls, "a:1");
        }
    }
}
