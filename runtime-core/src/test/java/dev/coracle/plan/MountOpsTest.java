package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mounts, in a mount namespace of their own; {@link ContainerPlanTest} has those of a container. */
class MountOpsTest {
    private static final Slot CHILD = new Slot("c");
    private static final Slot OUT = new Slot("out");
    private static final Slot M = new Slot("m");
    private static final Slot T = new Slot("t");

    @TempDir
    private Path directory;

    @Test
    void theKernelsMessageIsTheDetail() {
        Plan plan = Plan.titled("mount")
                .host(new MountOp.Fsmount("tmpfs", List.of("size=1m", "nonsense=1"), Set.of(), M))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(0, "EINVAL", "nonsense");
        Plan type = Plan.titled("mount")
                .host(new MountOp.Fsmount("nofs", List.of(), Set.of(), M))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, type).fails(0, "ENODEV", "");
        String longest = "k".repeat(70) + "=1";
        Plan key = Plan.titled("mount")
                .host(new MountOp.Fsmount("tmpfs", List.of(longest), Set.of(), M))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, key).fails(0, "EINVAL", "");
    }

    @ParameterizedTest
    @EnumSource
    void attributesAndPropagationAreSet(ShimBinary binary) throws IOException {
        Files.createDirectories(directory.resolve("a"));
        Files.createDirectories(directory.resolve("b"));
        Set<MountAttr> attributes = Set.of(MountAttr.RO, MountAttr.NOSUID, MountAttr.NODEV, MountAttr.NOATIME);
        Plan plan = inNamespace(List.of(
                new MountOp.Fsmount("tmpfs", List.of("mode=0711"), Set.of(MountAttr.NOEXEC), M),
                new MountOp.MoveMount(M, Slot.NONE, directory + "/a"),
                new MountOp.Mount("", directory + "/a", "", Set.of(MountFlag.SHARED), ""),
                new FileOp.Mkdir(M, "below", 0755),
                new MountOp.Mount("below", directory + "/a/below", "tmpfs", Set.of(MountFlag.NODEV), "size=64k"),
                new MountOp.OpenTree(Slot.NONE, directory + "/a", Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE), T),
                new MountOp.MountSetattr(
                        T,
                        MountDepth.RECURSIVE,
                        attributes,
                        Set.of(MountAttr.ATIME, MountAttr.NOEXEC),
                        PropagationType.SLAVE,
                        Slot.NONE),
                new MountOp.MoveMount(T, Slot.NONE, directory + "/b"),
                shell("grep " + directory + " /proc/self/mountinfo | cut -d' ' -f5-7 | sed 's,^" + directory
                        + "/,,; s/:[0-9]*//'")));
        assertThat(Rehearsal.of(binary, directory, plan).succeeds().said())
                .containsExactlyInAnyOrder(
                        "a rw,noexec,relatime shared",
                        "a/below rw,nodev,relatime shared",
                        "b ro,nosuid,nodev,noatime master",
                        "b/below ro,nosuid,nodev,noatime master",
                        "exit c1 0");
    }

    /** As the pin of a network namespace: a namespace's file, bound by its descriptor onto a file of the host. */
    @Test
    void aNamespaceIsPinnedByItsDescriptor() throws IOException {
        Path pin = Files.createFile(directory.resolve("pin"));
        Plan plan = inNamespace(List.of(
                new ProcessOp.Unshare(Set.of(Namespace.UTS)),
                new FileOp.Open(Slot.NONE, "/proc/self/ns/uts", Set.of(), 0, T),
                new MountOp.OpenTree(T, "", Set.of(TreeFlag.CLONE), M),
                new MountOp.MoveMount(M, Slot.NONE, pin.toString()),
                new ProcessOp.Sethostname("pinned"),
                shell("nsenter --uts=%s hostname; umount %s".formatted(pin, pin))));
        assertThat(Rehearsal.of(ShimBinary.SANITIZED, directory, plan)
                        .succeeds()
                        .said())
                .containsExactly("pinned", "exit c1 0");
    }

    @Test
    void directoriesAndFilesAreHiddenOrMadeReadonly() throws IOException {
        Path root = directory.resolve("root");
        Files.createDirectories(root.resolve("dir/in"));
        Files.createDirectories(root.resolve("second"));
        Files.createDirectories(root.resolve("open"));
        Files.writeString(root.resolve("secret"), "secret");
        Files.writeString(root.resolve("kept"), "kept");
        Files.createSymbolicLink(root.resolve("link"), Path.of("/secret"));
        Slot top = new Slot("root");
        Slot nothing = new Slot("nothing");
        Plan plan = inNamespace(List.of(
                new FileOp.Open(Slot.NONE, root.toString(), Set.of(OpenFlag.PATH), 0, top),
                new FileOp.Open(Slot.NONE, "/dev/null", Set.of(OpenFlag.PATH), 0, nothing),
                new MountOp.Mask(top, "dir", nothing),
                new MountOp.Mask(top, "second", nothing),
                new MountOp.Mask(top, "link", nothing),
                new MountOp.Mask(top, "absent/below", nothing),
                new MountOp.Mask(top, "kept/below", nothing),
                new MountOp.Readonly(top, "open"),
                new MountOp.Readonly(top, "absent"),
                new MountOp.Chdir(root.toString()),
                shell("ls dir second | wc -w; cat secret kept; echo; touch open/x dir/x 2>&1 | grep -c Read-only")));
        assertThat(Rehearsal.of(ShimBinary.SANITIZED, directory, plan)
                        .succeeds()
                        .said())
                .containsExactly("2", "kept", "2", "exit c1 0");
    }

    @Test
    void whatIsNotMountedCannotBeUnmounted() {
        Plan plan = Plan.titled("umount")
                .host(new MountOp.Umount(directory.toString(), Set.of(UmountFlag.NOFOLLOW)))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(0, "EINVAL", "");
    }

    private static Plan inNamespace(List<Op> ops) {
        Plan.Builder plan = Plan.titled("mounts")
                .host(new StdioOp.Pipe(new Slot("in"), OUT))
                .host(new StdioOp.Give("c1", Role.STDOUT, new Slot("in")))
                .host(new ProcessOp.Clone3(Set.of(CloneFlag.NEWNS), Slot.NONE, ChildKind.CONTAINER, "c1", CHILD))
                .at(CHILD, new ProcessOp.Dup2(OUT, 1))
                .at(CHILD, new MountOp.Mount("", "/", "", Set.of(MountFlag.REC, MountFlag.PRIVATE), ""));
        ops.forEach(op -> plan.at(CHILD, op));
        return plan.build();
    }

    private static Op shell(String script) {
        return new ProcessOp.Execve(
                List.of("/bin/busybox"), List.of("sh", "-c", script), List.of("PATH=/bin:/usr/bin"));
    }
}
