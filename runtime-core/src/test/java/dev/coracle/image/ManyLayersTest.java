package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.store.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node with ten thousand layers, in a thousand images: what it costs to ask for them. */
class ManyLayersTest {
    /** In memory: what a test's disk takes to make so many files is not what is asked here. */
    private final Path work;

    ManyLayersTest() throws IOException {
        work = Files.createTempDirectory(Path.of("/dev/shm"), "coracle-many-layers");
    }

    @AfterEach
    void remove() throws IOException {
        TreeRemoval.delete(work);
    }

    @Test
    void listedInMilliseconds() throws Exception {
        ManyImages.make(work);
        long start = System.nanoTime();
        try (Images images = Images.open(work)) {
            Duration opened = Duration.ofNanos(System.nanoTime() - start);
            images.startCollecting();
            assertThat(images.list()).hasSize(ManyImages.IMAGES);
            assertThat(images.usage().bytes()).isEqualTo(ManyImages.LAYERS * (long) ManyImages.LAYER_BYTES);
            Duration list = ManyImages.fastest(200, images::list);
            Duration usage = ManyImages.fastest(200, images::usage);
            Duration find = ManyImages.fastest(200, () -> images.find(ManyImages.NAME));
            System.out.printf(
                    "%d layers in %d images: opened in %d ms; list %d µs, usage %d µs, find %d µs%n",
                    ManyImages.LAYERS,
                    images.list().size(),
                    opened.toMillis(),
                    micros(list),
                    micros(usage),
                    micros(find));
            assertThat(list).isLessThan(Duration.ofMillis(10));
            assertThat(usage).isLessThan(Duration.ofMillis(1));
            assertThat(find).isLessThan(Duration.ofMillis(10));
        }
    }

    private static long micros(Duration time) {
        return time.toNanos() / 1000;
    }
}
