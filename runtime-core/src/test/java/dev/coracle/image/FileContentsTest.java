package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What unpacking leaves for the last sync to wait for, as the kernel counts it: cachestat(2), which Linux has from 6.5 on. */
class FileContentsTest {
    private static final String DIRTY_PAGES =
            "open(my $f, '<', $ARGV[0]) or die $!; my $range = pack('QQ', 0, 0); my $found = \"\\0\" x 40;"
                    + " syscall(451, fileno($f), $range, $found, 0) == 0 or die $!; print((unpack('Q5', $found))[1])";

    @TempDir
    Path work;

    @Test
    void theDiskIsAtWorkOnLargeFilesWhenTheyAreClosed() throws Exception {
        Path root = work.resolve("root");
        Tar tar = new Tar()
                .file("small", "x".repeat(4096))
                .file("large", "x".repeat(200_000))
                .file("huge", "x".repeat(20 << 20));
        var _ = Unpacking.unpack(tar.bytes(), root);
        assumeTrue(
                dirtyPages(root.resolve("small")) > 0,
                "this kernel or file system does not say what is waiting to be written");

        assertThat(dirtyPages(root.resolve("large"))).isLessThan(pages(200_000));
        assertThat(dirtyPages(root.resolve("huge"))).isLessThan(pages(20 << 20) / 4);
    }

    /** How many there are. A page that the kernel's own flusher holds at that moment is passed over and stays dirty: so a few may be left, on a busy machine. */
    private static long pages(long bytes) {
        return bytes / 4096;
    }

    private static long dirtyPages(Path file) throws Exception {
        Process perl = new ProcessBuilder("perl", "-e", DIRTY_PAGES, file.toString()).start();
        String said = new String(perl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        return perl.waitFor() == 0 ? Long.parseLong(said) : 0;
    }
}
