package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A registry, an empty store of images, and pulls between them, for one test. */
final class PullStage implements AutoCloseable {
    static final LayerBlob LOWER = LayerBlob.gzip(new Tar()
            .directory("./", 0755)
            .directory("etc/", 0755)
            .file("etc/name", "lower")
            .directory("tmp/", 01777)
            .file("big", noise(300_000)));
    static final LayerBlob UPPER =
            LayerBlob.gzip(new Tar().directory("etc/", 0755).file("etc/name", "upper"));

    private final Path work;
    private final TestRegistry registry = new TestRegistry();
    private final Images images;
    private final Pulls pulls;

    PullStage(Path work) {
        this.work = work;
        this.images = Images.open(work.resolve("state"));
        images.startCollecting();
        this.pulls = pulls(PullLimits.DEFAULT);
    }

    TestRegistry registry() {
        return registry;
    }

    Images images() {
        return images;
    }

    Pulls pulls() {
        return pulls;
    }

    /** Further pulls into the same store, with limits of their own. */
    Pulls pulls(PullLimits limits) {
        return new Pulls(images, new PullSettings(work.resolve("certs.d"), 2, Duration.ofMillis(600), limits));
    }

    Image pull(String name) {
        return pulls.pull(registry.host() + "/" + name, Credentials.NONE).await();
    }

    /** But for the layer that images without layers have. */
    boolean isEmpty(String directory) throws IOException {
        try (Stream<Path> files = Files.list(work.resolve("state").resolve(directory))) {
            return files.allMatch(file -> file.endsWith(ImagePaths.NOTHING));
        }
    }

    void nothingIsLeft() throws IOException {
        for (String directory : List.of("records", "layers", "l", "staging", "trash")) {
            assertThat(isEmpty(directory)).as(directory).isTrue();
        }
    }

    @Override
    public void close() {
        pulls.close();
        images.close();
        registry.close();
    }

    private static String noise(int length) {
        StringBuilder text = new StringBuilder(length);
        new Random(3).ints(length, 'A', 'z').forEach(c -> text.append((char) c));
        return text.toString();
    }
}
