package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.linux.Linux;
import dev.coracle.store.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers made to do harm: each is refused, and nothing is written outside. Runs as root. */
class HostileLayerTest {
    @TempDir
    Path work;

    @Test
    void namesThatLeadOutAreRefusedAndNothingIsWrittenOutside() throws Exception {
        Path root = work.resolve("state/layer");
        Tar[] hostile = {
            new Tar().file("../escaped", "x"),
            new Tar().file("a/../../escaped", "x"),
            new Tar().symlink("up", "..").file("up/escaped", "x"),
            new Tar().symlink("abs", work.toString()).file("abs/escaped", "x"),
            new Tar().symlink("abs", work.toString()).file("abs/deeper/escaped", "x"),
            new Tar().symlink("up", "../..").link("mine", "up/secret"),
            new Tar().link("mine", "../../secret"),
            new Tar().symlink("proc", "/proc/self/root").file("proc/" + work + "/escaped", "x"),
            new Tar().file("..", "x"),
            new Tar().file(".wh...", ""),
            new Tar().file("a/.wh..", ""),
            new Tar().gnuNames().file("n".repeat(5000), ""),
            new Tar().file("a", "x").file("a/b", "x"),
            new Tar().directory("d/", 0755).link("e", "d"),
            new Tar().link("self", "self"),
            new Tar().file("n".repeat(300), ""),
            new Tar().symlink("nothing", ""),
            new Tar().symlink("far", "x".repeat(5000)),
        };
        Files.writeString(work.resolve("secret"), "secret");
        for (Tar tar : hostile) {
            byte[] bytes = tar.bytes();
            TreeRemoval.delete(root);
            assertThatThrownBy(() -> Unpacking.unpack(bytes, root)).isInstanceOf(LayerFault.class);
            try (var left = Files.list(work)) {
                assertThat(left.map(Path::getFileName).map(Path::toString))
                        .containsExactlyInAnyOrder("secret", "state");
            }
            assertThat(new Linux()
                            .lstat(null, work.resolve("secret").toString())
                            .links())
                    .isEqualTo(1);
        }
    }

    @Test
    void limitsHoldAndAreNamed() throws Exception {
        byte[] tar = new Tar().file("zeros", "\0".repeat(1 << 20)).file("b", "").bytes();
        byte[] blob = Tar.gzip(tar);
        Descriptor right = new Descriptor("", Digest.sha256(blob), blob.length, Optional.empty());
        Files.createDirectories(work.resolve("layer"));
        assertThatThrownBy(() -> Unpacking.unpack(
                        new ByteArrayInputStream(blob),
                        right,
                        Digest.sha256(tar),
                        work.resolve("layer"),
                        new PullLimits(1, 1, 1 << 19, 10)))
                .isInstanceOf(TarStream.TooLarge.class)
                .hasMessage("it unpacks to more than 524288 bytes");
        assertThatThrownBy(() -> Unpacking.unpack(
                        new ByteArrayInputStream(blob),
                        right,
                        Digest.sha256(tar),
                        work.resolve("layer"),
                        new PullLimits(1, 1, 1 << 30, 1)))
                .isInstanceOf(TarStream.TooLarge.class)
                .hasMessage("it has more than 1 entries");
    }
}
