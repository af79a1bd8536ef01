package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.store.TreeRemoval;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer that is found damaged is fetched again by the next pull that wants it, whoever holds it meanwhile. Runs as root. */
class DamagedLayerTest {
    @TempDir
    Path work;

    @AutoClose
    private final TestRegistry registry = new TestRegistry();

    private final Digest lower = Digest.sha256(PullStage.LOWER.tar());

    /** Breaks something of a layer's directory. */
    private interface Damage {
        void on(Path layer) throws Exception;
    }

    private static final Map<String, Damage> DAMAGES = Map.of(
            "its notes are cut off", layer -> Files.writeString(ImagePaths.notes(layer), "{\"rootGiven\":tr"),
            "its notes are gone", layer -> Files.delete(ImagePaths.notes(layer)),
            "its record is empty", layer -> Files.writeString(ImagePaths.record(layer), ""),
            "its files are gone", layer -> TreeRemoval.delete(ImagePaths.files(layer)),
            "all of it is gone", TreeRemoval::delete);

    @Test
    void whileTheDaemonRuns() throws Exception {
        registry.image("a", "1", PullStage.LOWER);
        registry.image("a", "2", PullStage.LOWER, PullStage.UPPER);
        for (Map.Entry<String, Damage> damage : DAMAGES.entrySet()) {
            Path state = work.resolve(damage.getKey().replace(' ', '-'));
            try (Images images = Images.open(state);
                    Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
                images.startCollecting();
                Image one = pull(pulls, "a:1");
                LayerStack stack = images.lease("c", one.id().toString());
                damage.getValue().on(new ImagePaths(state).layer(lower));

                Image two = pull(pulls, "a:2");

                assertThat(stack.directory().resolve(stack.names().getFirst()).resolve("etc/name"))
                        .as(damage.getKey())
                        .hasContent("lower");
                assertThat(images.list()).containsExactlyInAnyOrder(one, two);
                LayerStack both = images.lease("d", two.id().toString());
                assertThat(both.names()).hasSize(2).contains(stack.names().getFirst());
                List.of("c", "d").forEach(images::release);
                images.remove(one.id().toString());
                images.remove(two.id().toString());
                assertThat(images.usage().bytes()).isZero();
                await().until(() -> isEmpty(state.resolve("layers")) && isEmpty(state.resolve("trash")));
            }
        }
    }

    @Test
    void foundAtStart() throws Exception {
        registry.image("a", "1", PullStage.LOWER, PullStage.UPPER);
        for (Map.Entry<String, Damage> damage : DAMAGES.entrySet()) {
            Path state = work.resolve(damage.getKey().replace(' ', '-'));
            Image before;
            try (Images images = Images.open(state);
                    Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
                before = pull(pulls, "a:1");
            }
            damage.getValue().on(new ImagePaths(state).layer(lower));
            try (Images images = Images.open(state);
                    Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
                images.startCollecting();
                assertThat(pull(pulls, "a:1")).as(damage.getKey()).isEqualTo(before);
                LayerStack stack = images.lease("c", before.id().toString());
                assertThat(stack.directory().resolve(stack.names().getLast()).resolve("etc/name"))
                        .as(damage.getKey())
                        .hasContent("lower");
            }
        }
    }

    private Image pull(Pulls pulls, String name) {
        return pulls.pull(registry.host() + "/" + name, Credentials.NONE).await();
    }

    private static boolean isEmpty(Path directory) throws Exception {
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }
}
