package dev.coracle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WritableLayersTest {
    @TempDir
    Path temporary;

    private StorePaths paths;

    @BeforeEach
    void name() {
        paths = new StorePaths(temporary.resolve("run"), temporary.resolve("state"));
    }

    @Test
    void a_layer_knows_the_lock_of_the_pod_that_uses_it() throws IOException {
        try (WritableLayers layers = open()) {
            layers.make(Samples.CONTAINER, Samples.POD);
            assertThat(layers.all()).containsExactly(Samples.CONTAINER);
            assertThat(Files.getPosixFilePermissions(paths.upper(Samples.CONTAINER)))
                    .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
            assertThat(layers.lock(Samples.CONTAINER)).isEmpty();
            Files.createDirectories(paths.pod(Samples.POD));
            Files.createFile(paths.podLock(Samples.POD));
            assertThat(layers.lock(Samples.CONTAINER)).contains(paths.podLock(Samples.POD));
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private WritableLayers open() {
        WritableLayers layers = new WritableLayers(paths);
        layers.start();
        return layers;
    }

    @Test
    void a_discarded_layer_is_gone_at_once_and_deleted_soon() throws IOException {
        Path kept = Files.createDirectories(temporary.resolve("kept"));
        Files.writeString(kept.resolve("file"), "x");
        try (WritableLayers layers = open()) {
            layers.make(Samples.CONTAINER, Samples.POD);
            Path upper = paths.upper(Samples.CONTAINER);
            Files.createDirectories(upper.resolve("a/b"));
            Files.writeString(upper.resolve("a/b/c"), "x");
            Files.createSymbolicLink(upper.resolve("out"), kept);
            layers.discard(Samples.CONTAINER);
            assertThat(layers.all()).isEmpty();
            await().until(() -> isEmpty(paths.discarded()));
            layers.discard(Samples.CONTAINER);
        }
        assertThat(kept.resolve("file")).exists();
    }

    @Test
    void what_an_earlier_daemon_discarded_is_deleted() throws IOException {
        Files.createDirectories(paths.discarded().resolve("a".repeat(64)).resolve("x/y"));
        try (WritableLayers layers = open()) {
            await().until(() -> isEmpty(paths.discarded()));
            assertThat(layers.all()).isEmpty();
        }
    }

    /** A path of this tree has 40,000 bytes: ten times what the kernel takes. */
    @Test
    void a_tree_deeper_than_any_path_is_deleted() throws IOException {
        Path top = Files.createDirectories(temporary.resolve("deep"));
        String name = "d".repeat(200);
        for (int i = 0; i < 200; i++) {
            Path above = Files.createDirectory(temporary.resolve("above"));
            Files.createFile(above.resolve("file"));
            Files.move(top, above.resolve(name));
            Files.move(above, top);
        }
        TreeRemoval.delete(top);
        assertThat(temporary).isEmptyDirectory();
        assertThat(Files.exists(top, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void a_link_in_the_place_of_a_tree_is_deleted_alone() throws IOException {
        Path kept = Files.createDirectories(temporary.resolve("kept"));
        Path link = Files.createSymbolicLink(temporary.resolve("link"), kept);
        TreeRemoval.delete(link);
        TreeRemoval.delete(temporary.resolve("never"));
        assertThat(kept).exists();
        assertThat(link).doesNotExist();
    }
}
