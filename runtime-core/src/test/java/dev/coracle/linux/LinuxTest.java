package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.Errno;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs as root: it makes device nodes and sets trusted attributes. */
class LinuxTest {
    @TempDir
    Path directory;

    private final Linux linux = new Linux(StandardCharsets.ISO_8859_1);

    @Test
    void aNodeHasTypeModeOwnerTimeAndNumberAsAsked() throws Exception {
        try (Fd root = open(directory)) {
            linux.mknodat(root, "dev", FileStat.BLOCK | 0600, 300, 70_000);
            linux.fchownat(root, "dev", 4_000_000, 7);
            linux.utimensat(root, "dev", new Timestamp(-5, 123_456_789));

            FileStat stat = linux.lstat(root, "dev");

            assertThat(stat.mode()).isEqualTo(FileStat.BLOCK | 0600);
            assertThat(stat.uid()).isEqualTo(4_000_000);
            assertThat(stat.gid()).isEqualTo(7);
            assertThat(stat.modified()).isEqualTo(new Timestamp(-5, 123_456_789));
            assertThat(stat.device()).isEqualTo((300L << 32) | 70_000);
        }
    }

    @Test
    void aNameCarriesAnyBytes() throws Exception {
        try (Fd root = open(directory)) {
            linux.mkdirat(root, "\u00ff\u0001é", 0755);
            assertThat(linux.lstat(root, "\u00ff\u0001é").isDirectory()).isTrue();
        }
    }

    @Test
    void beneathRefusesEveryWayOut() throws Exception {
        Path inside = Files.createDirectory(directory.resolve("inside"));
        Files.createSymbolicLink(inside.resolve("up"), Path.of("../"));
        try (Fd root = open(inside)) {
            for (String way : new String[] {"..", "up", "/etc", "up/inside"}) {
                assertThatThrownBy(() -> linux.openat2(root, way, Linux.O_PATH, Linux.RESOLVE_BENEATH))
                        .as(way)
                        .isInstanceOfSatisfying(
                                SyscallException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EXDEV));
            }
        }
    }

    @Test
    void writesAllOfABufferAndOnlyWhatIsLeftOfIt() throws Exception {
        ByteBuffer buffer = ByteBuffer.allocateDirect(8).put("abcdefgh".getBytes(StandardCharsets.US_ASCII));
        try (Fd root = open(directory);
                Fd file = linux.openat(root, "file", Linux.O_WRONLY | Linux.O_CREAT, 0600)) {
            file.write(buffer.slice(2, 4));
            file.pwrite(buffer.position(6).limit(8), 10);
        }
        assertThat(Files.readString(directory.resolve("file"))).isEqualTo("cdef\0\0\0\0\0\0gh");
    }

    @Test
    void aLinkKeepsItsTargetAndIsNotFollowed() throws Exception {
        try (Fd root = open(directory)) {
            linux.symlinkat("nowhere", root, "link");
            linux.fchownat(root, "link", 12, 13);
            linux.linkat(root, "link", root, "other");
            linux.renameat2(root, "other", "third", Linux.RENAME_NOREPLACE);
            assertThat(linux.lstat(root, "third").links()).isEqualTo(2);
            assertThat(Files.getAttribute(directory.resolve("link"), "unix:uid", LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(12);
        }
    }

    @Test
    void attributesAreSetByDescriptorAndByName() throws Exception {
        try (Fd root = open(directory)) {
            linux.mkdirat(root, "d", 0755);
            try (Fd inner = linux.openat(root, "d", Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
                linux.fsetxattr(inner, "trusted.overlay.opaque", "y".getBytes(StandardCharsets.US_ASCII));
            }
            linux.symlinkat("x", root, "l");
            linux.lsetxattr("/proc/self/fd/" + root.number() + "/l", "trusted.one", new byte[0]);
        }
    }

    @Test
    void aNameTooLongOrWithAZeroByteIsRefusedBeforeTheKernelSeesHalfOfIt() {
        assertThatThrownBy(() -> linux.mkdirat(null, "a".repeat(5000), 0755)).hasMessageContaining("ENAMETOOLONG");
        assertThatThrownBy(() -> linux.mkdirat(null, directory + "/a\0b", 0755)).hasMessageContaining("EINVAL");
        assertThat(directory.resolve("a")).doesNotExist();
    }

    @Test
    void aFailureNamesCallObjectAndError() {
        assertThatThrownBy(() -> linux.mkdirat(null, "/proc/none", 0755)).hasMessage("mkdirat /proc/none: ENOENT");
    }

    @Test
    void aLockHeldByAnotherOpenFileIsNotTaken() throws Exception {
        Path file = directory.resolve("lock");
        try (Flock held = Flock.tryLock(file).orElseThrow()) {
            assertThat(held.fd().number()).isNotNegative();
            assertThat(Flock.tryLock(file)).isEmpty();
        }
        Flock again = Flock.tryLock(file).orElseThrow();
        again.close();
        again.close();
        assertThat(again.fd().number()).isEqualTo(-1);
    }

    @Test
    void aPidfdSignalsTheProcessItWasOpenedFor() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "100").start();
        try (Fd pidfd = Processes.pidfdOpen((int) sleep.pid())) {
            Processes.kill((int) sleep.pid(), 0);
            Processes.signal(pidfd, Processes.SIGKILL);
            assertThat(sleep.waitFor()).isEqualTo(137);
            assertThatThrownBy(() -> Processes.signal(pidfd, 0)).hasMessageContaining("ESRCH");
        }
    }

    @Test
    void aFileSystemSaysWhatItIsAndWhatIsLeft() throws Exception {
        FileSystemStat stat = FileSystemStat.of(directory);
        assertThat(stat.blocks()).isGreaterThanOrEqualTo(stat.available());
        assertThat(stat.blockSize()).isPositive();
        assertThat(FileSystemStat.of(Path.of("/proc")).type()).isEqualTo(0x9fa0);
    }

    private Fd open(Path path) throws Exception {
        return linux.openat(null, path.toString(), Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
    }
}
