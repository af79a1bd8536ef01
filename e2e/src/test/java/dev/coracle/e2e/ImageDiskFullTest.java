package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.images.Compression;
import dev.coracle.e2e.images.Layer;
import dev.coracle.e2e.images.Layer.Attributes;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.proto.v1.Image;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The disk that holds images fills up while the packaged daemon pulls: it says so, gives the space back, and pulls when there is room. */
@DaemonTest
@CoracleOnly
final class ImageDiskFullTest {
    private static final int MIB = 1 << 20;
    private static final String FULL = "the disk that holds images is full";

    /** A daemon whose state directory is a disk of its own. */
    private record Disk(Rig rig, Path at, ImageStage stage) implements AutoCloseable {
        static Disk mounted(Rig rig, String... mount) {
            List<Path> mounted = new ArrayList<>();
            ImageStage stage = ImageStage.open(rig, "", state -> {
                List<String> command = new ArrayList<>(List.of("mount"));
                command.addAll(List.of(mount));
                command.add(state.toString());
                var _ = rig.node().command(command).text();
                mounted.add(state);
            });
            return new Disk(rig, mounted.getFirst(), stage);
        }

        /** Free blocks and inodes. */
        String free() {
            return rig.node()
                    .command("stat", "-f", "-c", "%f %d", at.toString())
                    .text();
        }

        /** Leaves so little room: who else writes takes what there is. */
        void fill(int leave) {
            String filler = at.resolve("filler").toString();
            var _ = rig.node().command("sh", "-c", "cat /dev/zero > " + filler);
            var _ = rig.node().command("truncate", "--size=-" + leave, filler).text();
        }

        void makeRoom() {
            var _ = rig.node().command("rm", at.resolve("filler").toString()).text();
        }

        @Override
        public void close() {
            stage.close();
            var _ = rig.node().command("umount", at.toString()).text();
        }
    }

    @Test
    void theSpaceOfMemoryComesBack(Rig rig) {
        try (Disk disk = Disk.mounted(rig, "-t", "tmpfs", "-o", "size=12m", "images")) {
            theSpaceComesBack(disk);
        }
    }

    /** As on most nodes: what is written is only promised room until it is written back. */
    @Test
    void theSpaceOfADiskComesBack(Rig rig) {
        Path file = rig.folder("disk").resolve("ext4");
        assumeTrue(
                Outcome.of("mkfs.ext4", "-q", "-m", "0", file.toString(), "16m").status() == 0,
                "there is no mkfs.ext4 here: the same is tried with a tmpfs");
        Path at = file.resolveSibling("tried");
        var _ = Outcome.of("mkdir", at.toString()).text();
        Outcome tried = rig.node().command("mount", "-o", "loop", file.toString(), at.toString());
        assumeTrue(tried.status() == 0, "nothing can be mounted from a file here: " + tried.err());
        var _ = rig.node().command("umount", at.toString()).text();
        try (Disk disk = Disk.mounted(rig, "-o", "loop", file.toString())) {
            theSpaceComesBack(disk);
        }
    }

    private static void theSpaceComesBack(Disk disk) {
        ImageStage stage = disk.stage();
        stage.registry().put("large:1", image(1, 20 * MIB, 2 * MIB));
        stage.registry().put("half:1", image(4 * MIB));
        stage.registry().put("half:2", image(3 * MIB));
        String before = disk.free();
        stage.refuses("large:1", Code.RESOURCE_EXHAUSTED, FULL);
        awaitFree(disk, before);
        // Somebody else has filled the disk, and makes room.
        disk.fill(2 * MIB);
        stage.refuses("half:1", Code.RESOURCE_EXHAUSTED, FULL);
        disk.makeRoom();
        String half = stage.pull("half:1");
        // The daemon itself is asked to make room, by who has none.
        disk.fill(0);
        assertThat(Refused.with(Code.RESOURCE_EXHAUSTED, () -> stage.pull("half:2")))
                .contains(FULL);
        assertThat(stage.list()).hasSize(1);
        stage.remove(half);
        assertThat(stage.list()).isEmpty();
        Waiting.untilTrue("room", Duration.ofMinutes(1), () -> pulls(stage, "half:2"));
        stage.remove(stage.registry().name("half:2"));
        disk.makeRoom();
        awaitFree(disk, before);
    }

    /** What was removed is deleted in the background: until then there is no room. */
    private static boolean pulls(ImageStage stage, String image) {
        try {
            return !stage.pull(image).isEmpty();
        } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining(FULL);
            return false;
        }
    }

    /** There is room for bytes, but not for one more file. */
    @Test
    void filesRunOutBeforeBytes(Rig rig) {
        try (Disk disk = Disk.mounted(rig, "-t", "tmpfs", "-o", "size=12m,nr_inodes=300", "images")) {
            ImageStage stage = disk.stage();
            Layer layer = new Layer();
            for (int i = 0; i < 400; i++) {
                layer.file("f" + i, "");
            }
            stage.registry().put("files:1", OciImage.of(List.of(layer)));
            String before = disk.free();
            stage.refuses("files:1", Code.RESOURCE_EXHAUSTED, FULL);
            awaitFree(disk, before);
            stage.registry().put("few:1", image(MIB));
            stage.remove(stage.pull("few:1"));
            awaitFree(disk, before);
        }
    }

    /** The image that a tag leaves has a record too large to be written again: the tag moves all the same, and is where it is for good. */
    @Test
    void aTagMovesOnAFullDisk(Rig rig) {
        try (Disk disk = Disk.mounted(rig, "-t", "tmpfs", "-o", "size=12m", "images")) {
            ImageStage stage = disk.stage();
            Map<String, String> labels = Map.of("long", "x".repeat(2 * MIB));
            String first = stage.registry().put("tag:1", image(MIB).with("Labels", labels));
            assertThat(stage.pull("tag:1")).isEqualTo(first);
            String second = stage.registry().put("tag:1", image(1));
            disk.fill(MIB);
            assertThat(stage.pull("tag:1")).isEqualTo(second);
            for (int i = 0; i < 2; i++) {
                assertThat(stage.list()).extracting(Image::getId).containsExactlyInAnyOrder(first, second);
                assertThat(stage.client().imageId(stage.registry().name("tag:1")))
                        .contains(second);
                stage.restart();
            }
            stage.remove(second);
            stage.remove(first);
            assertThat(stage.list()).isEmpty();
        }
    }

    /** Nothing of a full disk keeps a daemon from starting, and what it has left half done goes. */
    @Test
    void aDaemonStartsOnAFullDisk(Rig rig) {
        try (Disk disk = Disk.mounted(rig, "-t", "tmpfs", "-o", "size=12m", "images")) {
            ImageStage stage = disk.stage();
            stage.registry().put("half:1", image(4 * MIB));
            String half = stage.pull("half:1");
            disk.fill(0);
            stage.restart();
            assertThat(stage.list()).extracting(Image::getId).containsExactly(half);
            stage.remove(half);
            assertThat(stage.list()).isEmpty();
            Waiting.untilTrue("room", Duration.ofMinutes(1), () -> pulls(stage, "half:1"));
        }
    }

    private static void awaitFree(Disk disk, String before) {
        Waiting.untilTrue(
                "free as before: " + before,
                Duration.ofMinutes(1),
                () -> disk.free().equals(before));
    }

    /** A layer for each of these numbers of bytes, which nothing compresses. */
    private static OciImage image(int... sizes) {
        List<Layer> layers = new ArrayList<>();
        for (int size : sizes) {
            byte[] noise = new byte[size];
            new Random(size).nextBytes(noise);
            layers.add(new Layer().file("noise-" + size, noise, Attributes.mode(0644)));
        }
        return OciImage.of(layers).compressed(Compression.NONE);
    }
}
