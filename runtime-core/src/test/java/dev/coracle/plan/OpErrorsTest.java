package dev.coracle.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the kernel refuses comes back as the op's index and errno, whatever the op and wherever it stands. */
class OpErrorsTest {
    private static final Slot DIR = new Slot("dir");
    private static final Slot FILE = new Slot("file");
    private static final Slot PATH = new Slot("path");
    private static final Slot CHILD = new Slot("c");
    private static final Slot MADE = new Slot("made");

    /** All slots at once, then the op under test. */
    private static final int INDEX = 5;

    @TempDir
    private Path directory;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.createDirectories(directory.resolve("full/of"));
        Files.writeString(directory.resolve("file"), "text");
        Files.createSymbolicLink(directory.resolve("self"), Path.of("self"));
    }

    static Stream<Arguments> onTheHostSide() {
        return Stream.of(
                Arguments.of(new FileOp.Mkdir(DIR, "full", 0755), "EEXIST"),
                Arguments.of(new FileOp.Mkdirs(DIR, "file/x", 0755, MADE), "ENOTDIR"),
                Arguments.of(new FileOp.Mkfile(DIR, "self", 0644, MADE), "ELOOP"),
                Arguments.of(new FileOp.Open(DIR, "none", Set.of(), 0, MADE), "ENOENT"),
                Arguments.of(new FileOp.Openat2(DIR, "file", Set.of(OpenFlag.DIRECTORY), MADE), "ENOTDIR"),
                Arguments.of(new FileOp.Mknod(DIR, "file", NodeType.C, 0666, 1, 3), "EEXIST"),
                Arguments.of(new FileOp.Symlink("x", DIR, "file"), "EEXIST"),
                Arguments.of(new FileOp.Write(DIR, "full", Bytes.utf8("1")), "EISDIR"),
                Arguments.of(new FileOp.Read(PATH, 100, "x"), "EBADF"),
                Arguments.of(new FileOp.Read(DIR, 100, "x"), "EINVAL"),
                Arguments.of(new FileOp.Unlink(DIR, "full", EntryType.DIR), "ENOTEMPTY"),
                Arguments.of(new FileOp.Close(Slot.kept("pod", "x")), "EBADF"),
                Arguments.of(new MountOp.OpenTree(DIR, "none", Set.of(TreeFlag.CLONE), MADE), "ENOENT"),
                Arguments.of(setattr(), "EINVAL"),
                Arguments.of(new MountOp.MoveMount(FILE, DIR, "full"), "EINVAL"),
                Arguments.of(new MountOp.Mount("x", "/", "nofs", Set.of(), ""), "ENODEV"),
                Arguments.of(new MountOp.Umount("/none", Set.of()), "ENOENT"),
                Arguments.of(new MountOp.Chdir("/none"), "ENOENT"),
                Arguments.of(new MountOp.Fchdir(FILE), "ENOTDIR"),
                Arguments.of(clone(FILE), "EBADF"),
                Arguments.of(new ProcessOp.Setns(FILE, Set.of(Namespace.NET)), "EINVAL"),
                Arguments.of(new ProcessOp.LinkUp("none0"), "ENODEV"),
                Arguments.of(new ProcessOp.LinkUp("a-name-too-long-for-a-link"), "ENODEV"),
                Arguments.of(new ProcessOp.Setrlimit(Rlimit.NOFILE, 2, 1), "EINVAL"),
                Arguments.of(new CredentialOp.Setresuid(-1), ""),
                Arguments.of(new CredentialOp.Capset(0, 0, 1L << 63), ""),
                Arguments.of(new CredentialOp.Seccomp(Set.of(), Bytes.utf8("1234567")), "EINVAL"),
                Arguments.of(new CredentialOp.Seccomp(Set.of(), Bytes.utf8("12345678")), "EINVAL"),
                Arguments.of(new StdioOp.Pty(DIR, MADE, new Slot("peer")), "ENOENT"),
                Arguments.of(new StdioOp.Give("", Role.TTY, FILE), "EINVAL"),
                Arguments.of(new StdioOp.Give("x".repeat(72), Role.TTY, FILE), "EINVAL"),
                Arguments.of(new StdioOp.Log("c1", "/none/0.log"), "ENOENT"),
                Arguments.of(new ProgramOp.Run(List.of(), List.of(), Bytes.EMPTY, 0, 10, "x"), "EINVAL"),
                Arguments.of(new ProgramOp.Run(List.of("/etc/passwd"), List.of(), Bytes.EMPTY, 0, 10, "x"), "EACCES"),
                Arguments.of(new FileOp.Stat(FILE, "x".repeat(120)), "ENAMETOOLONG"));
    }

    static Stream<Arguments> onGroups() {
        return Stream.of(
                Arguments.of(new GroupOp.KillAll(List.of("/etc/passwd"), 10), "ENOTDIR"),
                Arguments.of(new GroupOp.RemoveGroup("/etc/passwd", 10), "ENOTDIR"),
                Arguments.of(new GroupOp.CpusetInherit("/none"), "ENOENT"),
                Arguments.of(new GroupOp.DeviceFilter(DIR, Bytes.EMPTY), "E2BIG"));
    }

    static Stream<Arguments> inAChild() {
        return Stream.of(
                Arguments.of(new MountOp.Mask(DIR, "self", FILE), "ELOOP"),
                Arguments.of(new MountOp.Readonly(DIR, "self"), "ELOOP"),
                Arguments.of(new ProcessOp.Sethostname("x".repeat(65)), "EINVAL"),
                Arguments.of(new ProcessOp.Setctty(), "ENOTTY"),
                Arguments.of(new ProcessOp.Dup2(FILE, 3), "EINVAL"),
                Arguments.of(new ProcessOp.Pdeathsig(65), "EINVAL"),
                Arguments.of(new ProcessOp.Execve(List.of(), List.of(), List.of()), "ENOENT"),
                Arguments.of(new ProcessOp.Execve(List.of("/none", "/etc"), List.of("x"), List.of()), "EACCES"));
    }

    @ParameterizedTest
    @MethodSource
    void onTheHostSide(Op op, String errno) {
        run(INDEX, errno, slots().host(op).build());
    }

    @ParameterizedTest
    @MethodSource
    void inAChild(Op op, String errno) {
        run(INDEX, errno, slots().at(CHILD, op).build());
    }

    /** In /proc, which is on no machine the file system of the root: from there that would be EBUSY. */
    @Test
    void aRootThatIsNoMount() {
        Plan plan = slots().at(CHILD, new MountOp.Chdir("/proc/self"))
                .at(CHILD, new MountOp.PivotRoot())
                .build();
        run(INDEX + 1, "EINVAL", plan);
    }

    private void run(int index, String errno, Plan plan) {
        for (ShimBinary binary : ShimBinary.values()) {
            Rehearsal rehearsal = Rehearsal.of(binary, directory, plan);
            if (errno.isEmpty()) {
                rehearsal.succeeds();
            } else {
                rehearsal.fails(index, errno, "");
            }
        }
    }

    private Plan.Builder slots() {
        String file = directory.resolve("file").toString();
        return Plan.titled("errors")
                .host(new FileOp.Open(Slot.NONE, directory.toString(), Set.of(OpenFlag.PATH), 0, DIR))
                .host(new FileOp.Open(Slot.NONE, file, Set.of(), 0, FILE))
                .host(new FileOp.Open(Slot.NONE, file, Set.of(OpenFlag.PATH), 0, PATH))
                .host(new MountOp.Chdir(directory.toString()))
                .host(new ProcessOp.Clone3(
                        Set.of(CloneFlag.NEWUTS, CloneFlag.NEWNS), Slot.NONE, ChildKind.HELPER, "", CHILD));
    }

    private static Op setattr() {
        return new MountOp.MountSetattr(
                FILE, MountDepth.SINGLE, Set.of(MountAttr.RO), Set.of(), PropagationType.KEEP, Slot.NONE);
    }

    private static Op clone(Slot cgroup) {
        return new ProcessOp.Clone3(Set.of(), cgroup, ChildKind.HELPER, "", MADE);
    }
}
