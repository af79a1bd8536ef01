package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes of a plan: born, stopped, listened to, and lost. */
class ChildTest {
    private static final Slot HELPER = new Slot("h");
    private static final Slot CHILD = new Slot("c");
    private static final Slot OUT = new Slot("out");
    private static final Slot IN = new Slot("in");
    private static final Set<CloneFlag> SHARED_MEMORY = Set.of(CloneFlag.VM, CloneFlag.VFORK);
    private static final List<String> SHELL = List.of("/bin/busybox");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @MethodSource("waysToExecute")
    void aProgramIsExecutedWithNothingButItsStreams(ShimBinary binary, Set<CloneFlag> flags) {
        Plan plan = Plan.titled("exec")
                .host(new StdioOp.Pipe(IN, OUT))
                .host(new FileOp.Open(Slot.NONE, "/dev/null", Set.of(), 0, new Slot("null")))
                .host(new StdioOp.Give("c1", Role.STDOUT, IN))
                .host(new FileOp.Close(IN))
                .host(clone(flags, ChildKind.EXEC, CHILD))
                .at(CHILD, new ProcessOp.Dup2(new Slot("null"), 0))
                .at(CHILD, new ProcessOp.Dup2(OUT, 1))
                .at(CHILD, new ProcessOp.Dup2(OUT, 2))
                .at(CHILD, new ProcessOp.CloseRange(3))
                .at(
                        CHILD,
                        shell("ls /proc/self/fd; grep SigIgn /proc/self/status; grep SigBlk /proc/self/status; exit 3"))
                .build();
        Rehearsal rehearsal = Rehearsal.of(binary, directory, plan).succeeds();
        assertThat(rehearsal.said())
                .containsExactly(
                        "0", "1", "2", "3", "SigIgn:\t0000000000000000", "SigBlk:\t0000000000000000", "exit c1 768");
    }

    static Stream<Arguments> waysToExecute() {
        return Stream.of(ShimBinary.values())
                .flatMap(binary -> Stream.of(
                        Arguments.of(binary, Set.of()),
                        Arguments.of(binary, SHARED_MEMORY),
                        Arguments.of(binary, Set.of(CloneFlag.NEWNET, CloneFlag.NEWIPC))));
    }

    @ParameterizedTest
    @EnumSource
    void aHelperStopsIsLookedAtAndGoesOn(ShimBinary binary) {
        Plan plan = Plan.titled("helper")
                .host(clone(Set.of(CloneFlag.NEWUSER), ChildKind.HELPER, HELPER))
                .at(HELPER, new ProcessOp.Stop())
                .host(new ProcessOp.Await(HELPER))
                .host(new ProcessOp.OpenProc(HELPER, new Slot("proc")))
                .host(new FileOp.Write(new Slot("proc"), "uid_map", Bytes.utf8("0 100000 65536")))
                .host(new FileOp.Write(new Slot("proc"), "gid_map", Bytes.utf8("0 100000 65536")))
                .host(new ProcessOp.Resume(HELPER))
                .at(HELPER, new CredentialOp.Setresgid(0))
                .at(HELPER, new CredentialOp.Setresuid(0))
                .at(HELPER, new ProcessOp.Unshare(Set.of(Namespace.NET, Namespace.UTS)))
                .at(HELPER, new ProcessOp.LinkUp("lo"))
                .at(HELPER, new ProcessOp.Sethostname("inside"))
                .at(HELPER, new ProcessOp.Stop())
                .host(new ProcessOp.Await(HELPER))
                .host(new ProcessOp.OpenNs(HELPER, Namespace.UTS, Slot.kept("pod", "uts")))
                .host(new ProcessOp.OpenNs(HELPER, Namespace.NET, Slot.kept("pod", "net")))
                .host(new ProcessOp.Resume(HELPER))
                .host(new ProcessOp.Join(HELPER))
                .build();
        Plan second = Plan.titled("look")
                .host(new StdioOp.Pipe(IN, OUT))
                .host(new StdioOp.Give("c1", Role.STDOUT, IN))
                .host(clone(Set.of(), ChildKind.CONTAINER, CHILD))
                .at(CHILD, new ProcessOp.Setns(Slot.kept("pod", "uts"), Set.of(Namespace.UTS)))
                .at(CHILD, new ProcessOp.Setns(Slot.kept("pod", "net"), Set.of(Namespace.NET)))
                .at(CHILD, new ProcessOp.Dup2(OUT, 1))
                .at(CHILD, shell("hostname; ip -o link | grep -c UP"))
                .build();
        assertThat(Rehearsal.of(binary, directory, plan, second).succeeds().said())
                .containsExactly("inside", "1", "exit c1 0");
    }

    /** What a child fills under a kept name, and what it gives, goes over the channel; also from a child's child. */
    @Test
    void descriptorsComeFromTheDepth() throws IOException {
        Files.writeString(directory.resolve("f"), "content");
        Slot kept = Slot.kept("c1", "file");
        Plan plan = Plan.titled("depth")
                .host(clone(Set.of(), ChildKind.HELPER, HELPER))
                .at(HELPER, new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.HELPER, "", CHILD))
                .at(CHILD, new FileOp.Open(Slot.NONE, directory.resolve("f").toString(), Set.of(), 0, kept))
                .at(CHILD, new StdioOp.Give("c1", Role.STDOUT, kept))
                .at(CHILD, new ProcessOp.Stop())
                .host(new ProcessOp.Await(CHILD))
                .host(new FileOp.Stat(kept, "kept"))
                .host(new ProcessOp.Resume(CHILD))
                .host(new ProcessOp.Join(CHILD))
                .build();
        Plan second = Plan.titled("read").host(new FileOp.Stat(kept, "again")).build();
        Rehearsal rehearsal =
                Rehearsal.of(ShimBinary.SANITIZED, directory, plan, second).succeeds();
        assertThat(rehearsal.said()).hasSize(1).first().asString().startsWith("content");
        assertThat(rehearsal.answers().stat("kept").orElseThrow().size()).isEqualTo(7);
        assertThat(rehearsal.hasResult(1)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void theFailureOfAChildIsThePlans(ShimBinary binary) {
        Plan plan = Plan.titled("fails")
                .host(clone(Set.of(), ChildKind.HELPER, HELPER))
                .host(clone(Set.of(), ChildKind.CONTAINER, CHILD))
                .at(HELPER, new ProcessOp.Stop())
                .at(CHILD, new MountOp.Chdir("/does/not/exist"))
                .at(CHILD, shell("true"))
                .host(new ProcessOp.Await(CHILD))
                .build();
        Rehearsal.of(binary, directory, plan).fails(3, "ENOENT", "");
    }

    @ParameterizedTest
    @EnumSource
    void whoSharesMemoryFailsAlike(ShimBinary binary) {
        Plan plan = Plan.titled("fails")
                .host(clone(SHARED_MEMORY, ChildKind.EXEC, CHILD))
                .at(CHILD, new FileOp.Open(Slot.NONE, "/", Set.of(), 0, new Slot("x")))
                .at(
                        CHILD,
                        new ProcessOp.Execve(
                                List.of("/nonexistent", "/bin/busybox/x", "/etc/passwd", "/nope"), SHELL, List.of()))
                .host(new FileOp.Open(Slot.NONE, "/", Set.of(), 0, new Slot("y")))
                .build();
        Rehearsal.of(binary, directory, plan).fails(2, "EACCES", "");
    }

    @Test
    void pathsAreTriedInTurn() {
        Plan plan = Plan.titled("path")
                .host(clone(Set.of(), ChildKind.CONTAINER, CHILD))
                .at(
                        CHILD,
                        new ProcessOp.Execve(
                                List.of("/nonexistent", "/etc/passwd", "/bin/busybox"),
                                List.of("sh", "-c", "exit $X"),
                                List.of("X=5")))
                .build();
        assertThat(Rehearsal.of(ShimBinary.LEAN, directory, plan).succeeds().said())
                .containsExactly("exit c1 1280");
    }

    /** Memory is all that it shares. */
    @ParameterizedTest
    @EnumSource
    void whoSharesMemoryChangesNothingOfItsMaker(ShimBinary binary) throws IOException {
        String score = "/proc/self/oom_score_adj";
        Slot before = new Slot("before");
        Slot after = new Slot("after");
        Path made = directory.resolve("made");
        Plan plan = Plan.titled("shares")
                .host(new StdioOp.Pipe(IN, OUT))
                .host(new StdioOp.Give("c1", Role.STDOUT, IN))
                .host(new FileOp.Open(Slot.NONE, score, Set.of(), 0, before))
                .host(new FileOp.Read(before, 100, "before"))
                .host(clone(SHARED_MEMORY, ChildKind.EXEC, CHILD))
                .at(CHILD, new FileOp.Write(Slot.NONE, score, Bytes.utf8("777")))
                .at(CHILD, new FileOp.Open(Slot.NONE, "/", Set.of(), 0, new Slot("root")))
                .at(CHILD, new ProcessOp.Setsid())
                .at(CHILD, new ProcessOp.Dup2(OUT, 1))
                .at(CHILD, new ProcessOp.Setrlimit(Rlimit.FSIZE, 0, 0))
                .at(CHILD, new ProcessOp.Umask(077))
                .at(CHILD, new CredentialOp.Setgroups(List.of(5, 6)))
                .at(CHILD, new CredentialOp.Setresgid(1001))
                .at(CHILD, new CredentialOp.Setresuid(1000))
                .at(CHILD, shell("id -u; cat " + score))
                .host(new FileOp.Open(Slot.NONE, score, Set.of(), 0, after))
                .host(new FileOp.Read(after, 100, "after"))
                .host(new FileOp.Mkdir(Slot.NONE, made.toString(), 0777))
                .build();
        Rehearsal rehearsal = Rehearsal.of(binary, directory, plan).succeeds();
        assertThat(rehearsal.said()).containsExactly("1000", "777", "exit c1 0");
        assertThat(rehearsal.answers().read("after"))
                .isPresent()
                .isEqualTo(rehearsal.answers().read("before"));
        assertThat(Files.getAttribute(made, "unix:uid")).isEqualTo(0);
        assertThat(Files.getPosixFilePermissions(made)).hasSize(9);
    }

    /** A seccomp filter that kills on the next system call: nobody is left to tell why. */
    @ParameterizedTest
    @MethodSource("waysToExecute")
    void aChildThatDiesIsNoticed(ShimBinary binary, Set<CloneFlag> flags) {
        Bytes killAll = Bytes.of(new byte[] {6, 0, 0, 0, 0, 0, 0, (byte) 0x80});
        Plan plan = Plan.titled("dies")
                .host(clone(flags, ChildKind.CONTAINER, CHILD))
                .at(CHILD, new CredentialOp.NoNewPrivs())
                .at(CHILD, new CredentialOp.Seccomp(Set.of(), killAll))
                .at(CHILD, new MountOp.Chdir("/"))
                .at(CHILD, shell("true"))
                .build();
        Rehearsal.of(binary, directory, plan).fails(-1, "ECHILD", "$c ended before its steps");
    }

    /** A filter that answers clone3 with ENOSYS, as the default one does: clone(2) stands in, with and without shared memory. */
    @ParameterizedTest
    @MethodSource("waysToExecute")
    void aFilterMayHideClone3(ShimBinary binary, Set<CloneFlag> flags) {
        Bytes filter = Bytes.of(new byte[] {
            0x20, 0, 0, 0, 0, 0, 0, 0, // load the number
            0x15, 0, 0, 1, (byte) 0xb3, 1, 0, 0, // 435?
            6, 0, 0, 0, 38, 0, 5, 0, // ENOSYS
            6, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f
        });
        Plan plan = Plan.titled("hidden")
                .host(clone(Set.of(), ChildKind.HELPER, HELPER))
                .at(HELPER, new CredentialOp.Seccomp(Set.of(), filter))
                .at(HELPER, clone(flags, ChildKind.EXEC, CHILD))
                .at(CHILD, shell("exit 4"))
                .build();
        assertThat(Rehearsal.of(binary, directory, plan).succeeds().said()).containsExactly("exit c1 1024");
    }

    @ParameterizedTest
    @EnumSource
    void anInitReapsForOthers(ShimBinary binary) {
        Slot init = new Slot("i");
        Slot pids = Slot.kept("pod", "pid");
        Plan first = Plan.titled("init")
                .host(new ProcessOp.Clone3(Set.of(CloneFlag.NEWPID), Slot.NONE, ChildKind.INIT, "pod", init))
                .at(init, new ProcessOp.Stop())
                .host(new ProcessOp.Await(init))
                .host(new ProcessOp.OpenNs(init, Namespace.PID, pids))
                .host(new ProcessOp.Resume(init))
                .at(init, new ProcessOp.Pdeathsig(9))
                .at(init, new ProcessOp.Reap())
                .build();
        Plan second = Plan.titled("member")
                .host(new StdioOp.Pipe(IN, OUT))
                .host(new StdioOp.Give("c1", Role.STDOUT, IN))
                .host(new ProcessOp.Setns(pids, Set.of(Namespace.PID)))
                .host(clone(Set.of(CloneFlag.NEWNS), ChildKind.CONTAINER, CHILD))
                .at(CHILD, new MountOp.Mount("", "/", "", Set.of(MountFlag.REC, MountFlag.PRIVATE), ""))
                .at(CHILD, new MountOp.Mount("proc", "/proc", "proc", Set.of(), ""))
                .at(CHILD, new ProcessOp.Dup2(OUT, 1))
                .at(CHILD, shell("""
                    (sleep 0.05 & exec true); sleep 0.2
                    cat /proc/1/comm; ls /proc/1/fd; cat /proc/[0-9]*/stat | grep -c ' Z '
                    """))
                .build();
        assertThat(Rehearsal.of(binary, directory, first, second).succeeds().said())
                .as("no descriptor of pid 1, no zombie")
                .containsExactly("pause", "0", "exit c1 256");
    }

    @Test
    void credentialsBecomeThosePlanned() {
        long netBind = 1L << 10;
        Plan plan = Plan.titled("credentials")
                .host(new StdioOp.Pipe(IN, OUT))
                .host(new StdioOp.Give("c1", Role.STDOUT, IN))
                .host(clone(Set.of(), ChildKind.CONTAINER, CHILD))
                .at(CHILD, new ProcessOp.Dup2(OUT, 1))
                .at(CHILD, new CredentialOp.Capbset(netBind | 1))
                .at(CHILD, new CredentialOp.Keepcaps())
                .at(CHILD, new CredentialOp.Setgroups(List.of(5, 6)))
                .at(CHILD, new CredentialOp.Setresgid(1001))
                .at(CHILD, new CredentialOp.Setresuid(1000))
                .at(CHILD, new CredentialOp.Capset(netBind, netBind, netBind))
                .at(CHILD, new CredentialOp.Capambient(netBind))
                .at(CHILD, new ProcessOp.Setrlimit(Rlimit.NOFILE, 100, 200))
                .at(CHILD, new ProcessOp.Umask(027))
                .at(CHILD, new CredentialOp.NoNewPrivs())
                .at(CHILD, shell("id -u; id -g; id -G; umask; ulimit -n; grep -E 'Cap|NoNew' /proc/self/status"))
                .build();
        assertThat(Rehearsal.of(ShimBinary.LEAN, directory, plan).succeeds().said())
                .containsExactly(
                        "1000",
                        "1001",
                        "1001 5 6",
                        "0027",
                        "100",
                        "CapInh:\t0000000000000400",
                        "CapPrm:\t0000000000000400",
                        "CapEff:\t0000000000000400",
                        "CapBnd:\t0000000000000401",
                        "CapAmb:\t0000000000000400",
                        "NoNewPrivs:\t1",
                        "exit c1 0");
    }

    @Test
    void aChildOfTheHostSideOnlyIsRefused() {
        Plan plan = Plan.titled("place").host(new ProcessOp.Setsid()).build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(-1, "EPROTO", "the plan is malformed");
    }

    private static ProcessOp clone(Set<CloneFlag> flags, ChildKind kind, Slot slot) {
        return new ProcessOp.Clone3(flags, Slot.NONE, kind, slot.equals(HELPER) ? "" : "c1", slot);
    }

    private static ProcessOp shell(String script) {
        return new ProcessOp.Execve(SHELL, List.of("sh", "-c", script), List.of("PATH=/bin"));
    }
}
