package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappedFileTest {
    private static final int KIB = 4096;

    @TempDir
    Path dir;

    @Test
    void whatWasOnlyReadIsTakenOutAndComesBack() throws IOException {
        Path file = Files.write(dir.resolve("file"), ones());
        try (FileChannel channel = FileChannel.open(file)) {
            MappedByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, KIB * 1024L);
            assertThat(sum(mapped)).isEqualTo(KIB * 1024);
            assertThat(resident(file)).isEqualTo(KIB);
            assertThat(MappedFile.release(Set.of(file))).isEqualTo(KIB * 1024L);
            assertThat(resident(file)).isZero();
            assertThat(sum(mapped)).isEqualTo(KIB * 1024);
        }
    }

    @Test
    void whatMayHaveBeenWrittenToStays() throws IOException {
        Path file = Files.write(dir.resolve("file"), ones());
        try (FileChannel channel =
                FileChannel.open(file, java.nio.file.StandardOpenOption.READ, java.nio.file.StandardOpenOption.WRITE)) {
            MappedByteBuffer mapped = channel.map(MapMode.PRIVATE, 0, KIB * 1024L);
            mapped.put(7, (byte) 9);
            assertThat(MappedFile.release(Set.of(file))).isZero();
            assertThat(mapped.get(7)).isEqualTo((byte) 9);
        }
    }

    private static byte[] ones() {
        byte[] bytes = new byte[KIB * 1024];
        java.util.Arrays.fill(bytes, (byte) 1);
        return bytes;
    }

    private static int sum(MappedByteBuffer mapped) {
        int sum = 0;
        for (int i = 0; i < mapped.limit(); i++) {
            sum += mapped.get(i);
        }
        return sum;
    }

    /** KiB of the file in this process's page table. */
    private static int resident(Path file) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        int at = 0;
        while (!lines.get(at).endsWith(file.toString())) {
            at++;
        }
        while (!lines.get(at).startsWith("Rss:")) {
            at++;
        }
        return Integer.parseInt(lines.get(at).split("\\s+", -1)[1]);
    }
}
