package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept, held and swept. Runs as root. */
class ImagesTest {
    private static final int KILLS = 12;

    @TempDir
    Path work;

    @AutoClose
    private final TestRegistry registry = new TestRegistry();

    @Test
    void imagesAndTheirLayersOutliveTheProcess() throws Exception {
        registry.image("a", "1", layer("one"), layer("two"));
        Image pulled = with((images, pulls) -> pull(pulls, "a:1"));
        ImageUsage before = with((images, _) -> images.usage());

        with((images, _) -> {
            images.startCollecting();
            assertThat(images.list()).containsExactly(pulled);
            assertThat(images.usage()).isEqualTo(before);
            LayerStack stack = images.lease("c", pulled.id().toString());
            assertThat(stack.directory().resolve(stack.names().getFirst()).resolve("two"))
                    .exists();
            return stack;
        });
    }

    @Test
    void aRemovedImageServesItsContainersAlsoAfterARestart() throws Exception {
        registry.image("a", "1", layer("one"));
        Image image = with((images, pulls) -> {
            images.startCollecting();
            Image pulled = pull(pulls, "a:1");
            images.lease("c", pulled.id().toString());
            images.remove(registry.host() + "/a:1");
            assertThat(images.list()).isEmpty();
            return pulled;
        });

        with((images, _) -> {
            assertThat(images.list()).isEmpty();
            LayerStack stack = images.lease("c", image.id().toString());
            images.startCollecting();
            assertThat(stack.directory().resolve(stack.names().getFirst()).resolve("one"))
                    .exists();
            images.release("c");
            await().until(() -> leftovers().isEmpty());
            assertThatThrownBy(() -> images.lease("d", image.id().toString())).isInstanceOf(NotFound.class);
            return stack;
        });
    }

    @Test
    void aSharedLayerStaysWhileOneImageHasIt() throws Exception {
        LayerBlob shared = layer("shared");
        registry.image("a", "1", shared);
        registry.image("b", "1", shared, layer("own"));
        with((images, pulls) -> {
            images.startCollecting();
            Image a = pull(pulls, "a:1");
            Image b = pull(pulls, "b:1");
            assertThat(images.usage().bytes()).isEqualTo(b.size());
            images.remove(b.id().toString());
            images.remove(b.id().toString());
            assertThat(images.usage().bytes()).isEqualTo(a.size());
            LayerStack stack = images.lease("c", a.id().toString());
            assertThat(stack.directory().resolve(stack.names().getFirst()).resolve("shared"))
                    .exists();
            return stack;
        });
    }

    @Test
    void pulledAgainARemovedImageIsListedAgain() throws Exception {
        registry.image("a", "1", layer("one"));
        with((images, pulls) -> {
            images.startCollecting();
            Image image = pull(pulls, "a:1");
            images.lease("c", image.id().toString());
            images.remove(image.id().toString());
            assertThat(pull(pulls, "a:1")).isEqualTo(image);
            images.release("c");
            assertThat(images.list()).containsExactly(image);
            images.remove(image.id().toString());
            await().until(() -> leftovers().isEmpty());
            return image;
        });
    }

    @Test
    void aDamagedRecordOrLayerIsGivenUpAndNothingElse() throws Exception {
        registry.image("a", "1", layer("one"));
        registry.image("b", "1", layer("two"));
        registry.image("c", "1", layer("three"));
        List<Image> pulled =
                with((images, pulls) -> List.of(pull(pulls, "a:1"), pull(pulls, "b:1"), pull(pulls, "c:1")));
        ImagePaths paths = new ImagePaths(work.resolve("state"));
        Files.writeString(paths.image(pulled.get(0).id()), "{");
        Files.delete(ImagePaths.record(paths.layer(Digest.sha256(layer("two").tar()))));

        with((images, pulls) -> {
            images.startCollecting();
            assertThat(images.list()).containsExactly(pulled.get(2));
            assertThat(pull(pulls, "b:1")).isEqualTo(pulled.get(1));
            return images;
        });
    }

    @Test
    void theBeginningOfAnIdMustBeThatOfOneImage() throws Exception {
        for (int i = 0; i < 20; i++) {
            registry.image("a", "t" + i, "{\"Labels\":{\"n\":\"" + i + "\"}}", layer("same"));
        }
        with((images, pulls) -> {
            for (int i = 0; i < 20; i++) {
                pull(pulls, "a:t" + i);
            }
            Map<String, Long> starts = images.list().stream()
                    .collect(Collectors.groupingBy(image -> image.id().hex().substring(0, 1), Collectors.counting()));
            String twice = starts.entrySet().stream()
                    .filter(start -> start.getValue() > 1)
                    .findFirst()
                    .orElseThrow()
                    .getKey();
            assertThatThrownBy(() -> images.find(twice)).isInstanceOf(InvalidSpec.class);
            assertThat(images.find("sha256:" + "0".repeat(64))).isEmpty();
            assertThat(images.find("no such name !")).isEmpty();
            return twice;
        });
    }

    /** A process that only pulls and removes is killed at random moments: an image is whole afterwards, or it is not there. */
    @Test
    void killedAtAnyMomentAnImageIsWholeOrAbsent() throws Exception {
        LayerBlob[] layers =
                Stream.of("one", "two", "three").map(ImagesTest::layer).toArray(LayerBlob[]::new);
        registry.image("a", "1", layers);
        for (int i = 0; i < KILLS; i++) {
            Process puller = PullLoop.start(
                    work.resolve("state"), registry.host() + "/a:1", PullLoop.AGAIN, ProcessBuilder.Redirect.INHERIT);
            Thread.sleep(ThreadLocalRandom.current().nextInt(1, 400));
            puller.destroyForcibly().waitFor();

            with((images, pulls) -> {
                images.startCollecting();
                for (Image image : images.list()) {
                    LayerStack stack = images.lease("c", image.id().toString());
                    assertThat(stack.names()).hasSize(3);
                    assertThat(stack.directory()
                                    .resolve(stack.names().getFirst())
                                    .resolve("three"))
                            .hasSize(40_000);
                    images.release("c");
                    images.remove(image.id().toString());
                }
                await().atMost(Duration.ofSeconds(20)).until(() -> leftovers().isEmpty());
                assertThat(images.usage().bytes()).isZero();
                return pulls;
            });
        }
    }

    private Set<Path> leftovers() throws IOException {
        Set<Path> left = new HashSet<>();
        for (String directory : List.of("records", "layers", "l", "staging", "trash")) {
            try (Stream<Path> files = Files.list(work.resolve("state").resolve(directory))) {
                files.filter(file -> !file.endsWith(ImagePaths.NOTHING)).forEach(left::add);
            }
        }
        return left;
    }

    private static LayerBlob layer(String name) {
        Tar tar = new Tar().file(name, name.substring(0, 1).repeat(40_000));
        for (int i = 0; i < 40; i++) {
            tar.file("d/" + name + i, name);
        }
        return LayerBlob.gzip(tar);
    }

    private Image pull(Pulls pulls, String name) {
        return pulls.pull(registry.host() + "/" + name, Credentials.NONE).await();
    }

    /** What is done with images between one start and the next. */
    private interface Life<T> {
        T live(Images images, Pulls pulls) throws Exception;
    }

    private <T> T with(Life<T> life) throws Exception {
        try (Images images = Images.open(work.resolve("state"));
                Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
            return life.live(images, pulls);
        }
    }
}
