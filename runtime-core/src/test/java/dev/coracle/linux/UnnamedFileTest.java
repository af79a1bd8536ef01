package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnnamedFileTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void nobodySeesItBeforeItHasItsName() throws Exception {
        try (UnnamedFile file = UnnamedFile.in(folder).orElseThrow()) {
            Files.writeString(file.path(), "content");
            assertThat(names()).isEmpty();
            file.name(folder.resolve("a"));
        }
        assertThat(names()).containsExactly("a");
        assertThat(folder.resolve("a")).hasContent("content");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(folder.resolve("a"), LinkOption.NOFOLLOW_LINKS)))
                .isEqualTo("rw-------");
    }

    @Test
    void itTakesThePlaceOfWhatHasTheName() throws Exception {
        Files.writeString(folder.resolve("a"), "before");
        try (UnnamedFile file = UnnamedFile.in(folder).orElseThrow()) {
            Files.writeString(file.path(), "after");
            file.name(folder.resolve("a"));
        }
        assertThat(names()).containsExactly("a");
        assertThat(folder.resolve("a")).hasContent("after");
    }

    @Test
    void whereItCannotReplaceNothingIsLeft() throws Exception {
        Files.createDirectory(folder.resolve("a"));
        try (UnnamedFile file = UnnamedFile.in(folder).orElseThrow()) {
            assertThatThrownBy(() -> file.name(folder.resolve("a"))).hasMessageEndingWith("EISDIR");
        }
        assertThat(names()).containsExactly("a");
    }

    /** As a file system that knows no such files: proc has no other way either, and says so. */
    @Test
    void whereThereCanBeNoneThereIsNone() throws Exception {
        assertThat(UnnamedFile.in(Path.of("/proc"))).isEmpty();
        assertThatThrownBy(() -> UnnamedFile.scratch(Path.of("/proc"))).isInstanceOf(IOException.class);
        try (UnnamedFile file = UnnamedFile.scratch(folder)) {
            Files.writeString(file.path(), "content");
            assertThat(file.path()).hasContent("content");
            assertThat(names()).isEmpty();
        }
    }
}
