package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk that holds images is full: a pull says so, gives back what it took, and goes well when there is room. Runs as root. */
class DiskFullTest {
    private static final long DISK = 8 << 20;

    @TempDir
    Path work;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(work.resolve("state"));
        run("mount", "-t", "tmpfs", "-o", "size=" + DISK + ",nr_inodes=300", "images", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    @Test
    void theSpaceComesBack() throws Exception {
        try (PullStage stage = new PullStage(work)) {
            stage.registry().image("a", "large", PullStage.LOWER, layer("large", 2 * DISK), layer("next", DISK / 4));
            stage.registry().image("a", "small", PullStage.LOWER);
            Image small = stage.pull("a:small");
            long free = free();

            assertThatThrownBy(() -> stage.pull("a:large"))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("the disk that holds images is full");

            await().untilAsserted(() -> assertThat(free()).isEqualTo(free));
            assertThat(stage.images().list()).containsExactly(small);
            assertThat(stage.images().usage().bytes()).isEqualTo(small.size());
            stage.images().remove(small.id().toString());
            await().untilAsserted(stage::nothingIsLeft);
            stage.registry().image("a", "next", layer("next", DISK / 2));
            stage.pull("a:next");
        }
    }

    /** There is room left, but not for one more file. */
    @Test
    void filesRunOutBeforeBytes() throws Exception {
        Tar tar = new Tar();
        for (int i = 0; i < 400; i++) {
            tar.file("f" + i, "");
        }
        try (PullStage stage = new PullStage(work)) {
            stage.registry().image("a", "1", LayerBlob.gzip(tar));
            stage.registry().image("a", "small", PullStage.LOWER);
            assertThatThrownBy(() -> stage.pull("a:1"))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining("the disk that holds images is full");
            await().untilAsserted(stage::nothingIsLeft);
            stage.pull("a:small");
        }
    }

    /** There is room for a layer, but not for the short name beside it: as on an ext4 without a block left. */
    @Test
    void aLayerWithoutAShortNameIsNotKept() throws Exception {
        try (PullStage stage = new PullStage(work)) {
            Path taken = Files.createDirectories(disk.resolve("l/0/taken"));
            stage.registry().image("a", "1", PullStage.LOWER);
            assertThatThrownBy(() -> stage.pull("a:1")).isInstanceOf(Unavailable.class);
            assertThat(stage.isEmpty("layers")).isTrue();
            Files.delete(taken);
            Files.delete(taken.getParent());
            await().untilAsserted(stage::nothingIsLeft);
            stage.pull("a:1");
        }
    }

    private long free() throws Exception {
        return Files.getFileStore(disk).getUsableSpace();
    }

    private static LayerBlob layer(String name, long size) {
        StringBuilder text = new StringBuilder();
        new Random(size).ints(size, 'A', 'z').forEach(c -> text.append((char) c));
        return LayerBlob.gzip(new Tar().file(name, text.toString()));
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }
}
