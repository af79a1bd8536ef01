package dev.coracle.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.failure.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Files and directories, by either build of the shim. */
class FileOpsTest {
    private static final Slot ROOT = new Slot("root");
    private static final Slot MADE = new Slot("made");

    @TempDir
    private Path directory;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
    }

    /** Links that lead out of the directory, before it is deleted with a warning about each. */
    @AfterEach
    void removeLinks() throws IOException {
        for (String link : List.of("dangling", "up", "relative", "resolv.conf", "sub/loop-out", "link")) {
            Files.deleteIfExists(root.resolve(link));
        }
    }

    @ParameterizedTest
    @EnumSource
    void filesAreMadeReadAndRemoved(ShimBinary binary) throws IOException {
        Files.writeString(root.resolve("passwd"), "root:x:0:0\n".repeat(10_000));
        Plan plan = inRoot().host(new FileOp.Mkdir(ROOT, "sticky", 01777))
                .host(new FileOp.Mkdir(ROOT, "sticky", 01777), Errno.EEXIST)
                .host(new FileOp.Mknod(ROOT, "null", NodeType.C, 0666, 1, 3))
                .host(new FileOp.Symlink("/else where", ROOT, "link"))
                .host(new FileOp.Open(ROOT, "new", Set.of(OpenFlag.WRONLY, OpenFlag.CREAT), 0640, MADE))
                .host(new FileOp.Fchown(MADE, 7, -2))
                .host(new FileOp.Fchmod(MADE, 0604))
                .host(new FileOp.Write(ROOT, "new", Bytes.utf8("written")))
                .host(new FileOp.Openat2(ROOT, "/passwd", Set.of(), new Slot("passwd")))
                .host(new FileOp.Read(new Slot("passwd"), 200_000, "passwd"))
                .host(new FileOp.Openat2(ROOT, "null", Set.of(OpenFlag.PATH), new Slot("null")))
                .host(new FileOp.Stat(new Slot("null"), "null"))
                .host(new FileOp.Unlink(ROOT, "passwd", EntryType.FILE))
                .host(new FileOp.Close(MADE))
                .build();
        Rehearsal rehearsal = Rehearsal.of(binary, directory, plan).succeeds();
        assertThat(root.resolve("sticky"))
                .satisfies(path ->
                        assertThat(Files.getAttribute(path, "unix:mode")).isEqualTo(041777));
        assertThat(Files.readSymbolicLink(root.resolve("link"))).hasToString("/else where");
        assertThat(root.resolve("new")).hasContent("written");
        assertThat(Files.getPosixFilePermissions(root.resolve("new")))
                .isEqualTo(PosixFilePermissions.fromString("rw----r--"));
        assertThat(Files.getAttribute(root.resolve("new"), "unix:uid")).isEqualTo(7);
        assertThat(Files.getAttribute(root.resolve("new"), "unix:gid")).isEqualTo(-2);
        assertThat(root.resolve("passwd")).doesNotExist();
        assertThat(rehearsal.answers().read("passwd").orElseThrow().length()).isEqualTo(110_000);
        StatAnswer nothing = rehearsal.answers().stat("null").orElseThrow();
        assertThat(nothing)
                .isEqualTo(new StatAnswer(
                        020666, 0, 0, 0, 0x103, root.resolve("null").toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "a/b/c, a/b/c",
        "/a//./b/../c/, a/c",
        "dangling/x/y, run/x/y",
        "relative/x, sub/deep/x",
        "up/x, x",
        "../../../x, x",
        "sub/loop-out/x, etc/x",
    })
    void missingDirectoriesAreMadeInsideTheRoot(String path, String made) throws IOException {
        Files.createSymbolicLink(root.resolve("dangling"), Path.of("/run"));
        Files.createSymbolicLink(root.resolve("relative"), Path.of("sub/deep"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../.."));
        Files.createDirectory(root.resolve("sub"));
        Files.createSymbolicLink(root.resolve("sub/loop-out"), Path.of("../../../etc"));
        Plan plan = inRoot().host(new FileOp.Mkdirs(ROOT, path, 0750, MADE))
                .host(new FileOp.Stat(MADE, "made"))
                .host(new FileOp.Mkfile(ROOT, path + "/file", 0600, MADE))
                .host(new FileOp.Stat(MADE, "file"))
                .build();
        Rehearsal rehearsal =
                Rehearsal.of(ShimBinary.SANITIZED, directory, plan).succeeds();
        StatAnswer answer = rehearsal.answers().stat("made").orElseThrow();
        assertThat(answer.realPath()).isEqualTo(root.resolve(made).toString());
        assertThat(answer.isDirectory()).isTrue();
        assertThat(answer.mode() & 07777).isEqualTo(0750);
        StatAnswer file = rehearsal.answers().stat("file").orElseThrow();
        assertThat(file.realPath()).isEqualTo(root.resolve(made).resolve("file").toString());
        assertThat(file.isRegularFile()).isTrue();
        assertThat(file.mode() & 07777).isEqualTo(0600);
    }

    @Test
    void aMountTargetMayBeADanglingLink() throws IOException {
        Files.createSymbolicLink(root.resolve("resolv.conf"), Path.of("/run/resolve/stub.conf"));
        Rehearsal.of(
                        ShimBinary.SANITIZED,
                        directory,
                        inRoot().host(new FileOp.Mkfile(ROOT, "resolv.conf", 0644, MADE))
                                .build())
                .succeeds();
        assertThat(root.resolve("run/resolve/stub.conf")).isRegularFile();
        assertThat(Files.isSymbolicLink(root.resolve("resolv.conf"))).isTrue();
    }

    @Test
    void linksThatGoInCirclesEnd() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b/x"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a/x"));
        Plan plan = inRoot().host(new FileOp.Mkdirs(ROOT, "a/new", 0755, MADE)).build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(1, "ELOOP", "");
    }

    @Test
    void anExistingFileIsNoDirectory() throws IOException {
        Files.createFile(root.resolve("file"));
        Plan plan = inRoot().host(new FileOp.Mkdirs(ROOT, "file/x", 0755, MADE)).build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(1, "ENOTDIR", "");
        Plan other = inRoot().host(new FileOp.Mkfile(ROOT, "file", 0755, MADE)).build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, other).succeeds();
    }

    @Test
    void elementsThatAreTooLongAreRefused() {
        String longest = "x".repeat(255);
        Plan fits = inRoot().host(new FileOp.Mkdirs(ROOT, "a/" + longest + "/b", 0755, MADE))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, fits).succeeds();
        Plan name = inRoot().host(new FileOp.Mkdirs(ROOT, "a/" + longest + "y", 0755, MADE))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, name).fails(1, "ENAMETOOLONG", "");
        Plan path = inRoot().host(new FileOp.Mkdirs(ROOT, "abc/".repeat(2_000), 0755, MADE))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, path).fails(1, "ENAMETOOLONG", "");
    }

    @Test
    void magicLinksAreNotFollowed() {
        Plan plan = Plan.titled("magic")
                .host(new FileOp.Open(Slot.NONE, "/proc", Set.of(OpenFlag.PATH), 0, ROOT))
                .host(new FileOp.Openat2(ROOT, "self/root/etc/passwd", Set.of(), MADE))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(1, "ELOOP", "");
    }

    @Test
    void whatIsAbsentIsPassedOver() throws IOException {
        Files.createFile(root.resolve("empty"));
        Slot absent = new Slot("absent");
        Plan plan = inRoot().host(new FileOp.Openat2(ROOT, "etc/passwd", Set.of(), absent), Errno.ENOENT, Errno.ENOTDIR)
                .host(new FileOp.Read(absent, 100, "passwd"))
                .host(new FileOp.Stat(absent, "passwd"))
                .host(new FileOp.Openat2(absent, "x", Set.of(), MADE))
                .host(new FileOp.Stat(MADE, "x"))
                .host(new FileOp.Openat2(ROOT, "empty", Set.of(), MADE))
                .host(new FileOp.Read(MADE, 100, "empty"))
                .build();
        Answers answers =
                Rehearsal.of(ShimBinary.SANITIZED, directory, plan).succeeds().answers();
        assertThat(answers.byName()).containsOnlyKeys("empty");
        assertThat(answers.read("passwd")).isEmpty();
        assertThat(answers.stat("passwd")).isEmpty();
    }

    @Test
    void failuresNameTheirOp() throws IOException {
        Files.writeString(root.resolve("big"), "x".repeat(101));
        Plan plan = inRoot().host(new FileOp.Openat2(ROOT, "big", Set.of(), MADE))
                .host(new FileOp.Read(MADE, 100, "big"))
                .host(new FileOp.Mkdir(ROOT, "never", 0755))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(2, "EFBIG", "");
        assertThat(root.resolve("never")).doesNotExist();
    }

    @Test
    void aFifoIsNotRead() {
        Plan plan = inRoot().host(new FileOp.Mknod(ROOT, "passwd", NodeType.P, 0644, 0, 0))
                .host(new FileOp.Openat2(ROOT, "passwd", Set.of(OpenFlag.NONBLOCK), MADE))
                .host(new FileOp.Read(MADE, 100, "passwd"))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(3, "EINVAL", "");
    }

    @Test
    void slotsAreKeptBetweenPlansAndDropped() throws IOException {
        Slot kept = Slot.kept("pod", "root");
        Plan first = Plan.titled("first")
                .host(new FileOp.Open(Slot.NONE, root.toString(), Set.of(OpenFlag.PATH), 0, kept))
                .build();
        Plan second = Plan.titled("second")
                .host(new FileOp.Mkdir(kept, "made", 0755))
                .host(new FileOp.Drop(kept))
                .build();
        Plan third =
                Plan.titled("third").host(new FileOp.Mkdir(kept, "never", 0755)).build();
        Rehearsal rehearsal = Rehearsal.of(ShimBinary.SANITIZED, directory, first, second, third);
        assertThat(rehearsal.times()).hasSize(2);
        assertThat(rehearsal.hasResult(0)).isFalse();
        assertThat(root.resolve("made")).isDirectory();
        PlanResult.Failure failure = PlanResult.decode(Files.readAllBytes(directory.resolve("2.result")))
                .failure()
                .orElseThrow();
        assertThat(failure).isEqualTo(new PlanResult.Failure(0, 9, "$pod.root is empty"));
    }

    @Test
    void aMalformedPlanIsAFailureToo() throws IOException {
        Files.write(directory.resolve("x.plan"), "CPLN".getBytes(UTF_8));
        ShimBinary.Outcome outcome = ShimBinary.SANITIZED.call(List.of(
                "--run-plans", directory.toString(), directory.resolve("x.plan").toString()));
        assertThat(outcome.stdout()).isEqualTo("failed -1 71 the plan is malformed\n");
    }

    private Plan.Builder inRoot() {
        assertThat(Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)).isTrue();
        return Plan.titled("files")
                .host(new FileOp.Open(Slot.NONE, root.toString(), Set.of(OpenFlag.PATH, OpenFlag.DIRECTORY), 0, ROOT));
    }
}
