package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.image.LayerStack;
import dev.coracle.image.LayerStack.RootDirectory;
import dev.coracle.image.StackedFiles;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.Slot;
import dev.coracle.plan.StatAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan would answer is found where it would look. */
final class ForesightTest {
    private static final Slot ROOT = Slot.kept("cccccccccccc", "rootfs");
    private static final Slot FILE = new Slot("f");

    @TempDir
    private Path directory;

    private Answers answers(Plan.Builder plan) throws IOException {
        LayerStack stack = new LayerStack(directory, List.of("layer"), new RootDirectory(0755, 0, 0));
        try (StackedFiles files = new StackedFiles(stack)) {
            return new Foresight(ROOT, files).of(plan.build());
        }
    }

    private static Plan.Builder looking(String path) {
        return Plan.titled("create web")
                .host(new FileOp.Open(Slot.NONE, path, Set.of(OpenFlag.PATH), 0, FILE))
                .host(new FileOp.Stat(FILE, "mount0"))
                .host(new FileOp.Close(FILE));
    }

    private static Plan.Builder reading(String path) {
        return Plan.titled("create web")
                .host(new FileOp.Openat2(ROOT, path, Set.of(OpenFlag.RDONLY), FILE))
                .host(new FileOp.Read(FILE, 100, "passwd"));
    }

    @Test
    void a_source_is_what_its_link_leads_to() throws IOException {
        Files.createDirectories(directory.resolve("layer"));
        Path real = Files.createDirectory(directory.toRealPath().resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        Optional<StatAnswer> found = answers(looking(link.toString())).stat("mount0");
        assertThat(found.map(StatAnswer::realPath)).contains(real.toString());
        assertThat(found.map(StatAnswer::isDirectory)).contains(true);
        assertThat(answers(looking(directory + "/none")).stat("mount0")).isEmpty();
        Files.writeString(directory.resolve("file"), "x");
        assertThat(answers(looking(directory + "/file/below")).stat("mount0")).isEmpty();
    }

    @Test
    void a_file_of_the_root_is_that_of_the_image() throws IOException {
        Path etc = Files.createDirectories(directory.resolve("layer/etc"));
        Files.writeString(etc.resolve("passwd"), "root:x:0:0::/root:/bin/sh\n");
        assertThat(answers(reading("etc/passwd")).read("passwd"))
                .map(Bytes::utf8)
                .contains("root:x:0:0::/root:/bin/sh\n");
        assertThat(answers(reading("etc/group")).read("passwd")).isEmpty();
    }

    @Test
    void what_only_the_kernel_can_tell_is_not_made_up() throws IOException {
        Files.createDirectories(directory.resolve("layer"));
        Slot other = new Slot("other");
        Plan.Builder plan = Plan.titled("create web")
                .host(new FileOp.Open(Slot.NONE, "/", Set.of(OpenFlag.PATH), 0, other))
                .host(new FileOp.Openat2(other, "etc/passwd", Set.of(OpenFlag.RDONLY), FILE))
                .host(new FileOp.Read(FILE, 100, "passwd"));
        assertThatThrownBy(() -> answers(plan)).isInstanceOf(Unsupported.class).hasMessageContaining("foresee passwd");
    }
}
