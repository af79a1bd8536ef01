package dev.coracle.e2e.bench;

import dev.coracle.e2e.Outcome;
import dev.coracle.e2e.Registry;
import dev.coracle.e2e.Tools;
import dev.coracle.e2e.images.LargeLayer;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.e2e.images.RegistryClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The images whose pulls are measured. They are made once and kept as a registry's folder, always the same. */
final class PullImages {
    /** Part of the folder's name: another number makes them anew. */
    private static final int VERSION = 1;

    private static final int BIG_FILE = 1 << 20;
    private static final int SMALL_FILE = 8 << 10;

    private PullImages() {}

    /** Repository and tag, and the layers: how many files of how many bytes on average. Compressed, the first two have about 300 MiB. */
    static Map<String, List<LargeLayer>> all() {
        Map<String, List<LargeLayer>> images = new LinkedHashMap<>();
        images.put("one:1", List.of(new LargeLayer(1, 490, BIG_FILE)));
        List<LargeLayer> ten = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ten.add(new LargeLayer(100 + i, 49, BIG_FILE));
        }
        images.put("ten:1", ten);
        images.put("files:1", List.of(new LargeLayer(2, 30_000, SMALL_FILE)));
        images.put("tiny:1", List.of(new LargeLayer(3, 2, SMALL_FILE)));
        return images;
    }

    /** A registry's folder with all of them, made now if it is not there; some minutes. */
    static Path content() {
        Path dir = Tools.cache().resolve("pull-images-" + VERSION);
        if (!Files.exists(dir)) {
            try {
                Path fresh = Files.createTempDirectory(Files.createDirectories(Tools.cache()), "pull-images-new");
                fill(fresh);
                Files.move(fresh.resolve("content"), dir);
                Outcome.of("rm", "-rf", fresh.toString()).text();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return dir;
    }

    private static void fill(Path dir) throws IOException {
        try (Registry.Filling filling = Registry.fill(dir, dir.resolve("content"));
                RegistryClient client = new RegistryClient(filling.address())) {
            for (Map.Entry<String, List<LargeLayer>> image : all().entrySet()) {
                String[] name = image.getKey().split(":", 2);
                List<LargeLayer.Written> layers = new ArrayList<>();
                for (LargeLayer layer : image.getValue()) {
                    LargeLayer.Written written = layer.write(dir.resolve("layer.tgz"));
                    client.pushLayer(name[0], written);
                    layers.add(written);
                }
                client.push(name[0], name[1], OciImage.around(layers));
            }
            Files.delete(dir.resolve("layer.tgz"));
        }
    }
}
