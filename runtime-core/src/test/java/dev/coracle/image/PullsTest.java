package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls against a registry of its own that misbehaves in one way each time. Runs as root. */
class PullsTest {
    @TempDir
    Path work;

    @AutoClose
    private PullStage stage;

    @BeforeEach
    void open() {
        stage = new PullStage(work);
    }

    @Test
    void anImageIsPulledListedLeasedAndRemoved() throws Exception {
        Digest manifest = stage.registry().image("a/b", "1", PullStage.LOWER, PullStage.UPPER);

        Image image = stage.pull("a/b:1");

        assertThat(image.repoTags()).containsExactly(stage.registry().host() + "/a/b:1");
        assertThat(image.repoDigests()).containsExactly(stage.registry().host() + "/a/b@" + manifest);
        assertThat(image.config().cmd()).containsExactly("/bin/sh");
        assertThat(image.size()).isPositive();
        assertThat(stage.images().usage().bytes()).isEqualTo(image.size());
        for (String name : List.of(
                stage.registry().host() + "/a/b:1",
                stage.registry().host() + "/a/b@" + manifest,
                stage.registry().host() + "/a/b:1@" + manifest,
                image.id().toString(),
                image.id().hex().substring(0, 12))) {
            assertThat(stage.images().find(name)).as(name).contains(image);
        }
        LayerStack stack = stage.images().lease("c1", image.id().toString());
        assertThat(stack.names()).hasSize(2);
        assertThat(stack.directory().resolve(stack.names().getFirst()).resolve("etc/name"))
                .hasContent("upper");

        stage.images().remove(image.id().hex().substring(0, 12));

        assertThat(stage.images().list()).isEmpty();
        assertThat(stage.images().find(image.id().toString())).isEmpty();
        assertThat(stack.directory().resolve(stack.names().getLast()).resolve("etc/name"))
                .hasContent("lower");
        stage.images().release("c1");
        await().untilAsserted(stage::nothingIsLeft);
        assertThat(stage.images().usage().bytes()).isZero();
    }

    @Test
    void aKnownLayerIsNotFetchedAgain() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        stage.registry().image("a", "2", PullStage.LOWER, PullStage.UPPER);
        stage.pull("a:1");
        stage.pull("a:2");
        stage.pull("a:1");
        assertThat(stage.registry()
                        .askedFor(Digest.sha256(PullStage.LOWER.blob()).toString()))
                .hasSize(1);
    }

    /** Otherwise an image could name another's layer as its own without ever having had its content. */
    @Test
    void aLayerIsNotGivenToWhoOnlyNamesIt() throws Exception {
        stage.registry().image("secret", "1", PullStage.LOWER);
        stage.pull("secret:1");
        String claim = stage.registry()
                .manifestOf("thief", "{}", "\"" + Digest.sha256(PullStage.LOWER.tar()) + "\"", PullStage.UPPER);
        stage.registry().manifest("thief", "1", TestRegistry.MANIFEST, claim);

        assertThatThrownBy(() -> stage.pull("thief:1"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("unpacks to diff ID");
    }

    @Test
    void theSameLayerPackedAnewIsVerifiedAndThenShared() throws Exception {
        stage.registry().image("a", "gzip", PullStage.LOWER);
        stage.registry().image("a", "plain", new LayerBlob(PullStage.LOWER.tar(), PullStage.LOWER.tar()));
        Image first = stage.pull("a:gzip");
        Image second = stage.pull("a:plain");

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.repoTags()).hasSize(2);
        assertThat(second.repoDigests()).hasSize(2);
        try (Stream<Path> layers = Files.list(work.resolve("state/layers"))) {
            assertThat(layers).hasSize(1);
        }
    }

    @Test
    void aTagThatMovesLeavesTheOlderImageItsDigest() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        Image old = stage.pull("a:1");
        stage.registry().image("a", "1", PullStage.UPPER);
        Image young = stage.pull("a:1");

        assertThat(stage.images().find(stage.registry().host() + "/a:1")).contains(young);
        Image left = stage.images().find(old.id().toString()).orElseThrow();
        assertThat(left.repoTags()).isEmpty();
        assertThat(left.repoDigests()).hasSize(1);
    }

    @Test
    void anIndexGivesTheManifestOfThisMachine() throws Exception {
        Digest mine = stage.registry().image("a", "mine", PullStage.LOWER);
        String other = "{\"mediaType\":\"" + TestRegistry.MANIFEST + "\",\"digest\":\"" + Digest.sha256(new byte[1])
                + "\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}";
        String own = "{\"mediaType\":\"" + TestRegistry.MANIFEST + "\",\"digest\":\"" + mine
                + "\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\""
                + Platform.current().architecture() + "\"}}";
        Digest index = stage.registry()
                .manifest(
                        "a",
                        "all",
                        TestRegistry.INDEX,
                        "{\"schemaVersion\":2,\"manifests\":[" + other + "," + own + "]}");
        stage.registry()
                .manifest("a", "none", TestRegistry.INDEX, "{\"schemaVersion\":2,\"manifests\":[" + other + "]}");

        assertThat(stage.pull("a:all").repoDigests())
                .containsExactly(stage.registry().host() + "/a@" + index);
        assertThatThrownBy(() -> stage.pull("a:none"))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("there is none for linux/")
                .hasMessageContaining("only for linux/s390x");
    }

    @Test
    void pullsOfOneNameShareTheWork() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        CountDownLatch gate = new CountDownLatch(1);
        stage.registry().script((_, _) -> {
            TestRegistry.hold(gate);
            return false;
        });
        PullTicket one = stage.pulls().pull(stage.registry().host() + "/a:1", Credentials.NONE);
        PullTicket other = stage.pulls().pull(stage.registry().host() + "/a:1", Credentials.NONE);
        one.cancel();
        gate.countDown();

        assertThat(other.await().repoTags()).hasSize(1);
        assertThat(stage.registry().asked()).hasSize(3);
    }

    @Test
    void aPullThatNobodyWaitsForStopsAndLeavesNothing() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER);
        CountDownLatch gate = new CountDownLatch(1);
        String blob = Digest.sha256(PullStage.LOWER.blob()).toString();
        stage.registry().script((asked, exchange) -> asked.path().endsWith(blob) && half(asked, exchange, gate));
        PullTicket ticket = stage.pulls().pull(stage.registry().host() + "/a:1", Credentials.NONE);
        await().until(() -> stage.registry().askedFor(blob).size() == 1);
        await().until(() -> !stage.isEmpty("staging"));

        ticket.cancel();

        assertThatThrownBy(ticket::await).isInstanceOf(Cancelled.class);
        await().untilAsserted(stage::nothingIsLeft);
        gate.countDown();
        stage.registry().clearScripts();
        stage.pull("a:1");
    }

    private boolean half(AskedRequest asked, HttpExchange exchange, CountDownLatch gate) throws IOException {
        byte[] bytes = stage.registry().content(asked.path());
        return TestRegistry.begin(exchange, 200, bytes.length, Arrays.copyOf(bytes, bytes.length / 2))
                && TestRegistry.hold(gate);
    }

    @Test
    void limitsAreExhaustionAndNamed() throws Exception {
        stage.registry().image("a", "1", PullStage.LOWER, PullStage.UPPER);
        try (Pulls few = stage.pulls(new PullLimits(1 << 20, 1, 1 << 30, 100))) {
            assertThatThrownBy(() -> stage.pull(few, "a:1"))
                    .isInstanceOf(InvalidSpec.class)
                    .hasMessageContaining("has 2 layers, more than 1");
        }
        try (Pulls small = stage.pulls(new PullLimits(1 << 20, 9, 1000, 100))) {
            assertThatThrownBy(() -> stage.pull(small, "a:1"))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("it unpacks to more than 1000 bytes");
        }
        try (Pulls tiny = stage.pulls(new PullLimits(100, 9, 1 << 30, 100))) {
            assertThatThrownBy(() -> stage.pull(tiny, "a:1"))
                    .isInstanceOf(RuntimeFailure.class)
                    .hasMessageContaining("more than 100 bytes");
        }
        await().untilAsserted(stage::nothingIsLeft);
    }
}
