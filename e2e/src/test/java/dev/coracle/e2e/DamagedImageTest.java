package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.Compression;
import dev.coracle.e2e.images.Layer;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A layer that is found damaged on disk is fetched again by itself: by the packaged daemon, before and after it has been started anew. */
@DaemonTest
@CoracleOnly
final class DamagedImageTest {
    private static final Layer LOWER =
            new Layer().dir("etc").file("etc/name", "lower\n").file("etc/other", "other\n");
    private static final Layer UPPER = new Layer().dir("etc").file("etc/name", "upper\n");
    private static final Layer OTHER = new Layer().file("third", "third\n");

    /** Breaks something of a layer's directory. */
    private interface Damage {
        void on(Path layer) throws IOException;
    }

    private static Map<String, Damage> damages() {
        Map<String, Damage> damages = new LinkedHashMap<>();
        damages.put("its record is gone", layer -> Files.delete(layer.resolve("layer.json")));
        damages.put("its record is empty", layer -> Files.writeString(layer.resolve("layer.json"), ""));
        damages.put("its notes are gone", layer -> Files.delete(layer.resolve("notes.json")));
        damages.put("its notes are cut off", layer -> Files.writeString(layer.resolve("notes.json"), "{\"rootGi"));
        damages.put("its files are gone", layer -> delete(layer.resolve("fs")));
        damages.put("all of it is gone", DamagedImageTest::delete);
        return damages;
    }

    private static void delete(Path tree) {
        Outcome.of("find", tree.toString(), "-delete").text();
    }

    private static Path directory(ImageStage stage, Layer layer) {
        return stage.images()
                .resolve("layers")
                .resolve(new Blob(layer.tar()).digest().replace(':', '-'));
    }

    private static String request(String repository, Layer layer) {
        String digest = new Blob(Compression.GZIP.compress(layer.tar())).digest();
        return "GET /v2/" + repository + "/blobs/" + digest;
    }

    @Test
    void foundByADaemonThatStarts(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            String id = stage.registry().put("two:1", OciImage.of(List.of(LOWER, UPPER)));
            String other = stage.registry().put("two:2", OciImage.of(List.of(UPPER, OTHER)));
            assertThat(stage.pull("two:1")).isEqualTo(id);
            assertThat(stage.pull("two:2")).isEqualTo(other);
            Map<String, String> whole = stage.tree();
            for (Map.Entry<String, Damage> damage : damages().entrySet()) {
                stage.daemon().stop();
                damage.getValue().on(directory(stage, LOWER));
                stage.daemon().start();
                stage.client().reconnect();
                boolean notes = damage.getKey().contains("notes");
                assertThat(stage.list())
                        .as(damage.getKey())
                        .extracting(Image::getId)
                        .containsExactlyInAnyOrderElementsOf(notes ? List.of(id, other) : List.of(other));
                stage.registry().forgetRequests();
                assertThat(stage.pull("two:1")).as(damage.getKey()).isEqualTo(id);
                fetched(stage, damage.getKey());
                assertThat(stage.list()).hasSize(2);
                // Short names are given anew; all else is as it was.
                stage.awaitTree(damage.getKey(), whole);
            }
        }
    }

    /** The damaged layer and no other. */
    private static void fetched(ImageStage stage, String damage) {
        assertThat(stage.registry().requests())
                .as(damage)
                .containsOnlyOnce(request("two", LOWER))
                .doesNotContain(request("two", UPPER), request("two", OTHER));
        assertThat(directory(stage, LOWER).resolve("fs/etc/name")).as(damage).hasContent("lower");
        assertThat(directory(stage, LOWER).resolve("fs/etc/other")).as(damage).hasContent("other");
    }

    @Test
    void foundByADaemonThatRuns(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            String id = stage.registry().put("two:1", OciImage.of(List.of(LOWER, UPPER)));
            assertThat(stage.pull("two:1")).isEqualTo(id);
            Map<String, String> whole = stage.tree();
            for (Map.Entry<String, Damage> damage : damages().entrySet()) {
                damage.getValue().on(directory(stage, LOWER));
                stage.registry().forgetRequests();
                assertThat(stage.pull("two:1")).as(damage.getKey()).isEqualTo(id);
                fetched(stage, damage.getKey());
                stage.awaitTree(damage.getKey(), whole);
            }
            stage.restart();
            assertThat(stage.list()).extracting(Image::getId).containsExactly(id);
            stage.registry().forgetRequests();
            assertThat(stage.pull("two:1")).isEqualTo(id);
            assertThat(stage.registry().requests()).noneMatch(request -> request.equals(request("two", LOWER)));
        }
    }

    /** What it runs on stays where it is; an image that shares the layers mends them, and outlives the next start. */
    @Test
    void aContainerGoesOnMeanwhile(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            String busybox = stage.client().pull(TestImages.BUSYBOX);
            RunningPod pod = RunningPod.run(
                    stage.client(),
                    Pods.named("mended").hostNetwork().on(rig.node()).build());
            RunningContainer container =
                    pod.start(Containers.of(TestImages.BUSYBOX).imageId(busybox).command("/t/pause"));
            List<Path> layers;
            try (Stream<Path> list = Files.list(stage.images().resolve("layers"))) {
                layers = list.toList();
            }
            for (Path layer : layers) {
                Files.delete(layer.resolve("layer.json"));
            }
            String labels = stage.client().pull(TestImages.name("config:labels"));
            assertThat(container.output("cat", "/etc/passwd")).contains("app:x:1000");
            assertThat(layers)
                    .isNotEmpty()
                    .allSatisfy(layer -> assertThat(layer.resolve("layer.json")).exists());
            stage.restart();
            assertThat(stage.list()).extracting(Image::getId).containsExactlyInAnyOrder(busybox, labels);
            assertThat(container.output("cat", "/etc/passwd")).contains("app:x:1000");
            pod.remove();
        }
    }
}
