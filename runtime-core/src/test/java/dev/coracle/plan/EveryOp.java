package dev.coracle.plan;

import dev.coracle.failure.Errno;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A plan that no kernel would carry out: each op once at least, every keyword, and strings that are hard to print. */
final class EveryOp {
    static final List<String> AWKWARD = List.of(
            "",
            "-",
            "plain",
            "two words",
            "\"quoted\"",
            "back\\slash",
            "line\nbreak",
            "tab\t\u0001",
            "ünïcödé 😀",
            "$slot",
            "[list]",
            "a|b",
            "#");

    private static final Bytes BINARY = Bytes.of(new byte[] {0, (byte) 0xff, '"', '\\', '\n', 'a', (byte) 0x80, 0});
    private static final Slot FILE = new Slot("file");
    private static final Slot ROOT = Slot.kept("0123456789abcdef", "rootfs");
    private static final Slot HELPER = new Slot("h");
    private static final Slot CHILD = new Slot("c_2");

    private EveryOp() {}

    static Plan plan() {
        Plan.Builder plan = Plan.titled("every \"op\"\nthere is");
        files(plan);
        mounts(plan);
        processes(plan);
        inChild(plan);
        plan.host(new StdioOp.Pipe(new Slot("r"), new Slot("w")));
        plan.host(new StdioOp.Pty(FILE, new Slot("master"), new Slot("peer")));
        for (Role role : Role.values()) {
            plan.host(new StdioOp.Give("0123", role, FILE));
        }
        plan.host(new StdioOp.Log("0123", "/var/log/pods/x/0.log"));
        plan.host(new GroupOp.KillAll(AWKWARD, 10_000));
        plan.host(new FileOp.Dup(FILE, new Slot("copy")));
        plan.host(new GroupOp.CpusetInherit("/sys/fs/cgroup/cpuset/x"));
        plan.host(new GroupOp.DeviceFilter(FILE, BINARY));
        plan.host(new GroupOp.CpusetInherit("/sys/fs/cgroup/cpuset/x"));
        plan.host(new GroupOp.DeviceFilter(FILE, BINARY));
        plan.host(new GroupOp.RemoveGroup("/sys/fs/cgroup/x", 2_000));
        plan.host(new ProgramOp.Run(List.of("/opt/cni/bin/bridge"), AWKWARD, BINARY, 1 << 20, 60_000, "ADD"));
        plan.host(new ProgramOp.Run(List.of("/bin/true"), List.of(), Bytes.EMPTY, 0, 0, ""));
        return plan.build();
    }

    private static void files(Plan.Builder plan) {
        plan.host(
                new FileOp.Open(Slot.NONE, "/", EnumSet.allOf(OpenFlag.class), 0644, FILE), Errno.EEXIST, Errno.ENOENT);
        AWKWARD.forEach(path -> plan.host(new FileOp.Mkdir(FILE, path, 0755), Errno.EEXIST));
        plan.host(new FileOp.Mkdirs(ROOT, "var/run", 01777, new Slot("t")));
        plan.host(new FileOp.Mkfile(ROOT, "etc/hosts", 0, new Slot("t")));
        plan.host(new FileOp.Openat2(ROOT, "etc/passwd", Set.of(), new Slot("passwd")), Errno.ENOENT);
        for (NodeType type : NodeType.values()) {
            plan.host(new FileOp.Mknod(FILE, "null", type, 0666, 1, 3));
        }
        plan.host(new FileOp.Symlink("/proc/self/fd", FILE, "fd"));
        plan.host(new FileOp.Write(Slot.NONE, "/proc/self/oom_score_adj", Bytes.utf8("-998")));
        plan.host(new FileOp.Write(FILE, "x", BINARY));
        plan.host(new FileOp.Read(FILE, -1, "passwd"));
        plan.host(new FileOp.Stat(FILE, "v0"));
        for (EntryType type : EntryType.values()) {
            plan.host(new FileOp.Unlink(Slot.NONE, "/x", type));
        }
        plan.host(new FileOp.Fchown(FILE, -2, 100_000));
        plan.host(new FileOp.Fchmod(FILE, 07777));
        plan.host(new FileOp.Dup(FILE, Slot.kept("pod", "copy")));
        plan.host(new FileOp.Close(FILE));
        plan.host(new FileOp.Drop(ROOT));
    }

    private static void mounts(Plan.Builder plan) {
        plan.host(new MountOp.OpenTree(Slot.NONE, "/var/lib/x", EnumSet.allOf(TreeFlag.class), new Slot("v0")));
        for (PropagationType type : PropagationType.values()) {
            plan.host(new MountOp.MountSetattr(
                    FILE, MountDepth.RECURSIVE, EnumSet.allOf(MountAttr.class), Set.of(), type, FILE));
        }
        plan.host(new MountOp.MountSetattr(
                FILE, MountDepth.SINGLE, Set.of(), Set.of(MountAttr.ATIME), PropagationType.KEEP, Slot.NONE));
        plan.host(new MountOp.MoveMount(FILE, Slot.NONE, "/run/netns/x"));
        plan.host(new MountOp.MoveMount(FILE, ROOT, ""));
        plan.host(new MountOp.Fsmount("overlay", AWKWARD, Set.of(MountAttr.RO, MountAttr.NOSUID), new Slot("m")));
        plan.host(new MountOp.Mount("", "/", "", EnumSet.allOf(MountFlag.class), ""));
        plan.host(new MountOp.Umount(".", EnumSet.allOf(UmountFlag.class)));
        plan.host(new MountOp.Chdir("/"));
        plan.host(new MountOp.Fchdir(FILE));
    }

    private static void processes(Plan.Builder plan) {
        EnumSet<CloneFlag> shared = EnumSet.of(CloneFlag.VM, CloneFlag.VFORK);
        plan.host(new ProcessOp.Clone3(EnumSet.complementOf(shared), FILE, ChildKind.HELPER, "", HELPER));
        plan.at(HELPER, new ProcessOp.Stop());
        plan.host(new ProcessOp.Await(HELPER));
        for (Namespace namespace : Namespace.values()) {
            plan.host(new ProcessOp.OpenNs(HELPER, namespace, new Slot("net")));
        }
        plan.host(new ProcessOp.OpenProc(HELPER, new Slot("proc")));
        plan.host(new ProgramOp.Hook(HELPER, Set.of(), List.of("/bin/x", "x"), AWKWARD, BINARY, 1000));
        plan.host(new ProgramOp.Hook(
                HELPER,
                EnumSet.allOf(Namespace.class),
                List.of("/x", "y", "z"),
                List.of(),
                Bytes.utf8("{\"pid\":"),
                0));
        plan.host(new ProcessOp.Resume(HELPER));
        plan.at(HELPER, new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.CONTAINER, "01ab", CHILD));
        plan.host(new ProcessOp.Clone3(shared, Slot.NONE, ChildKind.EXEC, "e", new Slot("e")));
        plan.host(new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.INIT, "i", new Slot("i")));
        plan.host(new ProcessOp.Join(HELPER));
        plan.host(new ProcessOp.Unshare(EnumSet.allOf(Namespace.class)));
        plan.host(new ProcessOp.Setns(FILE, Set.of(Namespace.NET, Namespace.MNT)));
        plan.at(new Slot("i"), new ProcessOp.Reap());
    }

    private static void inChild(Plan.Builder plan) {
        for (Op op : List.of(
                new MountOp.PivotRoot(),
                new MountOp.Mask(ROOT, "proc/kcore", FILE),
                new MountOp.Readonly(ROOT, "proc/sys"),
                new ProcessOp.LinkUp("lo"),
                new ProcessOp.Sethostname("web-0"),
                new ProcessOp.Setsid(),
                new ProcessOp.Setctty(),
                new ProcessOp.Dup2(FILE, 2),
                new ProcessOp.Umask(022),
                new CredentialOp.Setgroups(List.of()),
                new CredentialOp.Setgroups(List.of(0, 10, -1)),
                new CredentialOp.Setresgid(-1),
                new CredentialOp.Setresuid(1000),
                new CredentialOp.Keepcaps(),
                new CredentialOp.Capbset(-1),
                new CredentialOp.Capset(0xa80425fbL, 0, 1L << 40),
                new CredentialOp.Capambient(0),
                new CredentialOp.NoNewPrivs(),
                new ProcessOp.Pdeathsig(9),
                new CredentialOp.Seccomp(EnumSet.allOf(SeccompFlag.class), BINARY),
                new CredentialOp.Seccomp(Set.of(), Bytes.EMPTY),
                new ProcessOp.CloseRange(3),
                new ProcessOp.Execve(List.of("/bin/sh", "/usr/bin/sh"), AWKWARD, List.of("PATH=/bin", "A=b c")))) {
            plan.at(CHILD, op);
        }
        for (Rlimit limit : Rlimit.values()) {
            plan.at(CHILD, new ProcessOp.Setrlimit(limit, 1024, -1));
        }
    }
}
