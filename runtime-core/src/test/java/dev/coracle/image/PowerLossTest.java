package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The machine loses power while images are pulled and removed: a file system of its own is cut off from its disk at a random moment
 * (EXT4_IOC_SHUTDOWN without flushing the journal), which loses all that was not synced, and is mounted anew. Runs as root.
 */
class PowerLossTest {
    private static final int LOSSES = 8;
    private static final int FILES = 40;

    /** {@code _IOR('X', 125, __u32)}, with EXT4_GOING_FLAGS_NOLOGFLUSH. */
    private static final String CUT_OFF =
            "open(my $f, '<', $ARGV[0]) or die $!; my $how = pack('L', 2); ioctl($f, 0x8004587d, $how) or die $!";

    @TempDir
    Path work;

    private final TestRegistry registry = new TestRegistry();
    private Path disk;
    private Path state;

    @BeforeEach
    void make() throws Exception {
        disk = work.resolve("disk");
        state = Files.createDirectory(work.resolve("state"));
        run("truncate", "-s", "128M", disk.toString());
        run("mke2fs", "-q", "-t", "ext4", disk.toString());
        assumeTrue(attempt("mount", "-o", "loop", disk.toString(), state.toString()) == 0, "no loop devices here");
    }

    @AfterEach
    void close() throws Exception {
        registry.close();
        var _ = attempt("umount", state.toString());
    }

    @Test
    void anImageIsWholeOrAbsent() throws Exception {
        registry.image(
                "a",
                "1",
                Stream.of("one", "two", "three").map(PowerLossTest::layer).toArray(LayerBlob[]::new));
        int whole = 0;
        for (int i = 0; i < LOSSES; i++) {
            String how = i % 2 == 0 ? PullLoop.AGAIN : PullLoop.ONCE;
            losePower(how);
            try (Images images = Images.open(state);
                    Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
                images.startCollecting();
                if (how.equals(PullLoop.ONCE)) {
                    assertThat(images.list()).as("what was told as pulled").hasSize(1);
                }
                for (Image image : images.list()) {
                    whole++;
                    check(images, image);
                }
                Image pulled =
                        pulls.pull(registry.host() + "/a:1", Credentials.NONE).await();
                check(images, pulled);
                images.remove(pulled.id().toString());
                await().atMost(Duration.ofSeconds(20)).until(this::nothingIsLeft);
                assertThat(images.usage().bytes()).isZero();
            }
        }
        System.out.println("after " + LOSSES + " losses of power the image was whole " + whole + " times, else absent");
    }

    private void losePower(String how) throws Exception {
        Process puller = PullLoop.start(state, registry.host() + "/a:1", how, ProcessBuilder.Redirect.DISCARD);
        if (how.equals(PullLoop.ONCE)) {
            assertThat(puller.inputReader().readLine()).isEqualTo("pulled");
        } else {
            Thread.sleep(ThreadLocalRandom.current().nextInt(1, 800)); // any moment
        }
        run("perl", "-e", CUT_OFF, state.toString());
        puller.destroyForcibly().waitFor();
        run("umount", state.toString());
        run("mount", "-o", "loop", disk.toString(), state.toString());
    }

    private static void check(Images images, Image image) throws IOException {
        LayerStack stack = images.lease("c", image.id().toString());
        assertThat(stack.names()).hasSize(3);
        int found = 0;
        for (String name : stack.names()) {
            for (String layer : new String[] {"one", "two", "three"}) {
                Path root = stack.directory().resolve(name);
                if (Files.exists(root.resolve(layer))) {
                    found++;
                    assertThat(root.resolve(layer)).hasContent(layer.repeat(10_000));
                    for (int i = 0; i < FILES; i++) {
                        assertThat(root.resolve("d/" + layer + i)).hasContent(layer);
                    }
                }
            }
        }
        assertThat(found).isEqualTo(3);
        images.release("c");
    }

    private boolean nothingIsLeft() throws IOException {
        for (String directory : new String[] {"records", "layers", "staging", "trash"}) {
            try (Stream<Path> files = Files.list(state.resolve(directory))) {
                if (files.findAny().isPresent()) {
                    return false;
                }
            }
        }
        return true;
    }

    private static LayerBlob layer(String name) {
        Tar tar = new Tar().file(name, name.repeat(10_000));
        for (int i = 0; i < FILES; i++) {
            tar.file("d/" + name + i, name);
        }
        return LayerBlob.gzip(tar);
    }

    private static void run(String... command) throws Exception {
        assertThat(attempt(command)).as(String.join(" ", command)).isZero();
    }

    private static int attempt(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
