package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.image.LayerStack.RootDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of an image without a mount: what overlay would show, and nothing that lies outside. */
final class StackedFilesTest {
    @TempDir
    private Path directory;

    /** The layers, uppermost first, as unpacking leaves them. */
    private StackedFiles stack(Tar... layers) throws Exception {
        List<String> names = new java.util.ArrayList<>();
        for (Tar layer : layers) {
            String name = "n" + names.size();
            var _ = Unpacking.unpack(layer.bytes(), directory.resolve(name));
            names.add(name);
        }
        return new StackedFiles(new LayerStack(directory, names, RootDirectory.DEFAULT));
    }

    private static String read(StackedFiles files, String path) throws IOException {
        return files.read(path, 1000)
                .map(content -> new String(content, StandardCharsets.UTF_8))
                .orElse("-");
    }

    @Test
    void the_uppermost_file_is_seen_and_what_is_whited_out_is_not() throws Exception {
        Tar lower = new Tar()
                .file("etc/passwd", "lower")
                .file("etc/group", "lower")
                .file("etc/only", "lower")
                .file("opt/a", "a");
        Tar upper = new Tar()
                .file("etc/passwd", "upper")
                .file("etc/.wh.group", "")
                .file("opt/.wh..wh..opq", "")
                .file("opt/b", "b");
        try (StackedFiles files = stack(new Tar().file("other", "x"), upper, lower)) {
            assertThat(read(files, "etc/passwd")).isEqualTo("upper");
            assertThat(read(files, "/etc/only")).isEqualTo("lower");
            assertThat(read(files, "etc/group")).isEqualTo("-");
            assertThat(read(files, "opt/a")).isEqualTo("-");
            assertThat(read(files, "opt/b")).isEqualTo("b");
            assertThat(read(files, "etc")).isEqualTo("-");
            assertThat(read(files, "etc/passwd/x")).isEqualTo("-");
            assertThat(read(files, "no/such")).isEqualTo("-");
        }
    }

    @Test
    void links_are_followed_through_the_layers_and_never_out() throws Exception {
        Tar lower = new Tar()
                .file("usr/etc/passwd", "found")
                .file("data/file", "hidden")
                .symlink("loop", "loop");
        Tar upper = new Tar()
                .symlink("etc", "usr/./etc")
                .symlink("usr/up", "../../../../../data/../usr/etc/passwd")
                .symlink("usr/abs", "/usr/etc")
                .symlink("usr/above", "../../../usr/etc/passwd")
                .symlink("host", "/proc/self/status")
                .file("data", "a file now");
        try (StackedFiles files = stack(upper, lower)) {
            assertThat(read(files, "etc/passwd")).isEqualTo("found");
            assertThat(read(files, "usr/abs/passwd")).isEqualTo("found");
            assertThat(read(files, "usr/above")).isEqualTo("found");
            assertThat(read(files, "usr/up"))
                    .as("a file is no directory to go up from")
                    .isEqualTo("-");
            assertThat(read(files, "host")).isEqualTo("-");
            assertThat(read(files, "loop")).isEqualTo("-");
            assertThat(read(files, "data")).isEqualTo("a file now");
            assertThat(read(files, "data/file")).isEqualTo("-");
        }
    }

    @Test
    void a_file_that_is_too_large_is_an_error() throws Exception {
        try (StackedFiles files = stack(new Tar().file("etc/passwd", "x".repeat(1001)))) {
            assertThatThrownBy(() -> files.read("etc/passwd", 1000))
                    .hasMessage("/etc/passwd of the image is larger than 1000 bytes");
        }
    }
}
