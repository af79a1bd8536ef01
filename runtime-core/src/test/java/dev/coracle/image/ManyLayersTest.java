package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.image.LayerStack.RootDirectory;
import dev.coracle.spec.ImageConfig;
import dev.coracle.store.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node with ten thousand layers, in a thousand images: what it costs to ask for them. */
class ManyLayersTest {
    private static final int LAYERS = 10_000;
    private static final int PER_IMAGE = 10;
    private static final LayerNotes NOTES = new LayerNotes(4096, 1, false, true, Set.of(), Map.of());

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
        ImagePaths paths = new ImagePaths(work);
        Files.createDirectories(paths.records());
        Files.createDirectories(paths.layers());
        for (int first = 0; first < LAYERS; first += PER_IMAGE) {
            List<Digest> layers = new ArrayList<>();
            for (int i = first; i < first + PER_IMAGE; i++) {
                layers.add(layer(paths, i));
            }
            image(paths, first, layers);
        }
        long start = System.nanoTime();
        try (Images images = Images.open(work)) {
            Duration opened = Duration.ofNanos(System.nanoTime() - start);
            images.startCollecting();
            assertThat(images.list()).hasSize(LAYERS / PER_IMAGE);
            assertThat(images.usage().bytes()).isEqualTo(LAYERS * 4096L);
            Duration list = fastest(images::list);
            Duration usage = fastest(images::usage);
            Duration find = fastest(() -> images.find("registry.example/a:9990"));
            System.out.printf(
                    "%d layers in %d images: opened in %d ms; list %d µs, usage %d µs, find %d µs%n",
                    LAYERS, images.list().size(), opened.toMillis(), micros(list), micros(usage), micros(find));
            assertThat(list).isLessThan(Duration.ofMillis(10));
            assertThat(usage).isLessThan(Duration.ofMillis(1));
            assertThat(find).isLessThan(Duration.ofMillis(10));
        }
    }

    private static Digest layer(ImagePaths paths, int i) throws Exception {
        Digest id = digest("layer " + i);
        Path directory = paths.layer(id);
        Files.createDirectories(ImagePaths.files(directory));
        LayerRecord record =
                new LayerRecord(id, Integer.toString(i, 36), Set.of(), NOTES.bytes(), NOTES.inodes(), false);
        Files.write(ImagePaths.record(directory), record.toJson());
        Files.write(ImagePaths.notes(directory), LayerRecord.notesToJson(NOTES));
        return id;
    }

    private static void image(ImagePaths paths, int i, List<Digest> layers) throws Exception {
        Digest id = digest("image " + i);
        String json = "{\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"/bin/sh\"]}}";
        ImageConfig config =
                ConfigFile.parse(json.getBytes(StandardCharsets.UTF_8)).config();
        Image image = new Image(id, List.of("registry.example/a:" + i), List.of(), 4096, config, json);
        Files.write(paths.image(id), new ImageRecord(image, layers, RootDirectory.DEFAULT, false, i).toJson());
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Of many times: others use this machine too. */
    private static Duration fastest(Runnable action) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 200; i++) {
            long start = System.nanoTime();
            action.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return Duration.ofNanos(best);
    }

    private static long micros(Duration time) {
        return time.toNanos() / 1000;
    }
}
