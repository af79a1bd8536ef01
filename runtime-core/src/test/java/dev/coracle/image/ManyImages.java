package dev.coracle.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A store of ten thousand layers in a thousand images, made by hand as it lies on the disk: a pull of each would take the time of a whole
 * test run. And what it costs to ask for them.
 */
public final class ManyImages {
    public static final int LAYERS = 10_000;
    public static final int PER_IMAGE = 10;
    public static final int IMAGES = LAYERS / PER_IMAGE;

    /** What each layer takes, and how long its file system's blocks are. */
    public static final int LAYER_BYTES = 4096;
    /** The last one made. */
    public static final String NAME = "registry.example/a:" + (LAYERS - PER_IMAGE);

    private ManyImages() {}

    /**
     * Makes the images.
     *
     * @param images the folder where a daemon keeps its own, on a disk in memory: these are many files
     */
    public static void make(Path images) {
        try {
            Files.createDirectories(images.resolve("records"));
            for (int first = 0; first < LAYERS; first += PER_IMAGE) {
                for (int i = first; i < first + PER_IMAGE; i++) {
                    layer(images.resolve("layers").resolve(fileName(layerId(i))), i);
                }
                Digest id = digest("image " + first);
                Files.writeString(images.resolve("records").resolve(fileName(id) + ".json"), image(id, first));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void layer(Path directory, int i) throws IOException {
        Files.createDirectories(directory.resolve("fs"));
        Files.writeString(
                directory.resolve("layer.json"),
                "{\"diffId\":\"%s\",\"shortName\":\"%s\",\"blobs\":[],\"bytes\":%d,\"inodes\":1,\"hidesAll\":false}"
                        .formatted(layerId(i), Integer.toString(i, 36), LAYER_BYTES));
        Files.writeString(
                directory.resolve("notes.json"),
                "{\"bytes\":%d,\"inodes\":1,\"hidesAll\":false,\"rootGiven\":true,\"implied\":[],\"lowerLinks\":{}}"
                        .formatted(LAYER_BYTES));
    }

    private static String image(Digest id, int first) {
        List<String> layers = IntStream.range(first, first + PER_IMAGE)
                .mapToObj(i -> "\"" + layerId(i) + "\"")
                .toList();
        return """
            {"id":"%s","repoTags":["registry.example/a:%d"],"repoDigests":[],"layers":%s,"size":%d,
            "rootMode":493,"rootUid":0,"rootGid":0,"removed":false,"updated":%2$d,
            "config":"{\\"os\\":\\"linux\\",\\"config\\":{\\"Cmd\\":[\\"/bin/sh\\"]}}"}
            """.formatted(id, first, layers, LAYER_BYTES);
    }

    private static Digest layerId(int i) {
        return digest("layer " + i);
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String fileName(Digest digest) {
        return digest.toString().replace(':', '-');
    }

    /** Of so many times: others use this machine too. */
    public static Duration fastest(int times, Runnable action) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            action.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return Duration.ofNanos(best);
    }
}
