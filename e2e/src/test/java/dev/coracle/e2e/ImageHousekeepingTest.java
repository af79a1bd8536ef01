package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.image.ManyImages;
import dev.coracle.proto.v1.FilesystemUsage;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageFsInfoRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What images take on the packaged daemon's disk, what a removal gives back, and what asking costs where there are many. */
@DaemonTest
@CoracleOnly
final class ImageHousekeepingTest {
    private static final int BLOCK = 4096;

    /** What files take, and how many there are. */
    private record Taken(long bytes, long inodes) {
        static final Taken NOTHING = new Taken(0, 0);
    }

    private static Taken said(ImageStage stage) {
        FilesystemUsage usage = stage.client()
                .images()
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0);
        return new Taken(usage.getUsedBytes().getValue(), usage.getInodesUsed().getValue());
    }

    /** Of all layers, as they lie on the disk. */
    private static Taken found(ImageStage stage) throws IOException {
        long bytes = 0;
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> files = Files.walk(stage.images().resolve("layers"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                boolean content = stage.images().relativize(file).getNameCount() > 2
                        && stage.images().relativize(file).getName(2).toString().equals("fs");
                BasicFileAttributes is =
                        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (content && inodes.add(String.valueOf(is.fileKey()))) {
                    long size = is.isDirectory() ? BLOCK : is.isRegularFile() ? is.size() : 0;
                    bytes += (size + BLOCK - 1) / BLOCK * BLOCK;
                }
            }
        }
        return new Taken(bytes, inodes.size());
    }

    @Test
    void sizesAreExact(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            assertThat(said(stage)).isEqualTo(Taken.NOTHING);
            for (String image : List.of("busybox:1", "implied:1", "whiteouts:1", "layers:40")) {
                String id = stage.client().pull(TestImages.name(image));
                Taken taken = found(stage);
                assertThat(said(stage)).as(image).isEqualTo(taken);
                assertThat(stage.list()).extracting(Image::getSize).as(image).containsExactly(taken.bytes());
                assertThat(taken.bytes()).isGreaterThan(1 << 20);
                stage.remove(id);
                assertThat(said(stage)).as(image + " removed").isEqualTo(Taken.NOTHING);
            }
            for (String image : List.of("busybox:1", "implied:1", "whiteouts:1")) {
                stage.client().pull(TestImages.name(image));
            }
            assertThat(said(stage)).as("what they share counts once").isEqualTo(found(stage));
            Taken before = said(stage);
            stage.restart();
            assertThat(said(stage)).isEqualTo(before);
        }
    }

    /** A container of one image, whose lower layers are those of another: both are removed while it runs. */
    @Test
    void aRemovalFreesWhatNobodyUses(Rig rig) throws IOException {
        try (ImageStage stage = ImageStage.open(rig, "")) {
            Map<String, String> before = images(stage);
            String name = TestImages.name("implied:1");
            String implied = stage.client().pull(name);
            Taken used = said(stage);
            String whiteouts = stage.client().pull(TestImages.name("whiteouts:1"));
            String busybox = stage.client().pull(TestImages.BUSYBOX);
            RunningPod pod = RunningPod.run(
                    stage.client(),
                    Pods.named("user").hostNetwork().on(rig.node()).build());
            RunningContainer container =
                    pod.start(Containers.of(name).imageId(implied).command("/t/pause"));
            for (String id : List.of(implied, whiteouts, busybox)) {
                stage.remove(id);
                assertThat(stage.list()).extracting(Image::getId).doesNotContain(id);
            }
            assertThat(said(stage)).as("what the container uses").isEqualTo(used);
            assertThat(container.output("cat", "/tmp/a")).isEqualTo("a\n");
            stage.restart();
            assertThat(stage.list()).isEmpty();
            assertThat(said(stage)).as("after a restart").isEqualTo(used).isEqualTo(found(stage));
            assertThat(container.output("cat", "/new/dir/ectory/c")).isEqualTo("c\n");
            pod.remove();
            assertThat(said(stage)).isEqualTo(Taken.NOTHING);
            Waiting.untilTrue(
                    "nothing is left",
                    Duration.ofMinutes(1),
                    () -> images(stage).equals(before));
        }
    }

    private static Map<String, String> images(ImageStage stage) {
        Map<String, String> tree = stage.tree();
        tree.keySet().removeIf(name -> !name.startsWith("state/images/"));
        return tree;
    }

    @Test
    void pinnedImagesAreSaidToBe(Rig rig) {
        String pinned = "[images]\npinned = \"" + TestImages.name("pau*") + " registry.example/other:1\"\n";
        try (ImageStage stage = ImageStage.open(rig, pinned)) {
            String pause = stage.client().pull(TestImages.name("pause:1"));
            String good = stage.pull("good:1");
            assertThat(stage.list())
                    .extracting(Image::getId, Image::getPinned)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(pause, true),
                            org.assertj.core.groups.Tuple.tuple(good, false));
            stage.remove(TestImages.name("pause:1"));
            assertThat(stage.list()).extracting(Image::getId).containsExactly(good);
        }
    }

    /** Ten thousand layers in a thousand images, made by hand on a disk in memory: a pull of each would take the time of a whole test run. */
    @Test
    void tenThousandLayersAreListedInMilliseconds(Rig rig) {
        AtomicReference<Path> mounted = new AtomicReference<>();
        try (ImageStage stage = ImageStage.open(rig, "", state -> {
            var _ = rig.node()
                    .command("mount", "-t", "tmpfs", "images", state.toString())
                    .text();
            mounted.set(state);
            ManyImages.make(rig.node().inside(state.resolve("images").toString()));
        })) {
            assertThat(stage.list()).hasSize(ManyImages.IMAGES);
            assertThat(said(stage)).isEqualTo(new Taken(ManyImages.LAYERS * (long) BLOCK, ManyImages.LAYERS));
            Duration list = ManyImages.fastest(50, stage::list);
            Duration usage = ManyImages.fastest(50, () -> said(stage));
            Duration status = ManyImages.fastest(50, () -> stage.client().imageId(ManyImages.NAME));
            System.out.printf(
                    "%d layers in %d images, over the socket: list %d µs, ImageFsInfo %d µs, status %d µs%n",
                    ManyImages.LAYERS, ManyImages.IMAGES, micros(list), micros(usage), micros(status));
            assertThat(List.of(list, usage, status)).allMatch(time -> time.compareTo(Duration.ofMillis(100)) < 0);
            stage.remove(ManyImages.NAME);
            assertThat(said(stage).inodes()).isEqualTo(ManyImages.LAYERS - ManyImages.PER_IMAGE);
            assertThat(stage.pull("good:1")).isNotEmpty();
        } finally {
            var _ = rig.node().command("umount", mounted.get().toString()).text();
        }
    }

    private static long micros(Duration time) {
        return time.toNanos() / 1000;
    }
}
