package dev.coracle.plan;

import dev.coracle.failure.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Plans like those of a pod and a container, small and fixed: what the engine is tried and timed with. Needs busybox. */
final class SmallContainer {
    static final Slot NET = Slot.kept("pod", "net");
    static final Slot IPC = Slot.kept("pod", "ipc");
    static final Slot UTS = Slot.kept("pod", "uts");
    static final Slot MNT = Slot.kept("pod", "mnt");
    static final Slot PROCESS = Slot.kept("c1", "process");
    static final Slot CGROUP = Slot.kept("c1", "cgroup");

    private static final Slot ROOT = new Slot("root");
    private static final Slot DEV = new Slot("dev");
    private static final Slot PTS = new Slot("pts");
    private static final Slot T = new Slot("t");
    private static final Slot M = new Slot("m");
    private static final Slot HELPER = new Slot("h");
    private static final Set<MountAttr> LOCKED = Set.of(MountAttr.NOSUID, MountAttr.NODEV, MountAttr.NOEXEC);

    private final Path directory;
    private final Path cgroup;

    SmallContainer(Path directory, Path cgroup) {
        this.directory = directory;
        this.cgroup = cgroup;
    }

    /** Two layers, an upper directory, and a volume with a file in it. */
    void makeFiles() {
        try {
            for (String path : List.of("0/bin", "0/proc", "0/sys", "0/var", "1/etc", "upper", "work", "volume/below")) {
                Files.createDirectories(directory.resolve(path));
            }
            Files.copy(Path.of("/bin/busybox"), directory.resolve("0/bin/busybox"));
            Files.createSymbolicLink(directory.resolve("0/var/run"), Path.of("../run"));
            Files.writeString(directory.resolve("1/etc/hostname"), "layer");
            Files.writeString(directory.resolve("volume/file"), "of the volume");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pod's namespaces and its small mount namespace with a shm of its own. */
    static Plan pod() {
        Slot top = new Slot("top");
        Slot shm = new Slot("shm");
        Slot mounter = new Slot("m");
        return Plan.titled("run sandbox")
                .host(clone(Set.of(), Slot.NONE, ChildKind.HELPER, HELPER))
                .at(HELPER, new ProcessOp.Unshare(Set.of(Namespace.NET, Namespace.IPC, Namespace.UTS)))
                .at(HELPER, new ProcessOp.LinkUp("lo"))
                .at(HELPER, new ProcessOp.Sethostname("web"))
                .at(HELPER, new ProcessOp.Stop())
                .host(new ProcessOp.Await(HELPER))
                .host(new ProcessOp.OpenNs(HELPER, Namespace.NET, NET))
                .host(new ProcessOp.OpenNs(HELPER, Namespace.IPC, IPC))
                .host(new ProcessOp.OpenNs(HELPER, Namespace.UTS, UTS))
                .host(new ProcessOp.Resume(HELPER))
                .host(clone(Set.of(CloneFlag.NEWNS), Slot.NONE, ChildKind.HELPER, mounter))
                .at(mounter, privateMounts())
                .at(mounter, new MountOp.Fsmount("tmpfs", List.of("mode=755"), Set.of(), top))
                .at(mounter, new FileOp.Mkdir(top, "shm", 0755))
                .at(mounter, new MountOp.MoveMount(top, Slot.NONE, "/"))
                .at(mounter, new MountOp.Fsmount("tmpfs", List.of("mode=1777", "size=65536k"), LOCKED, shm))
                .at(mounter, new MountOp.MoveMount(shm, top, "shm"))
                .at(mounter, new MountOp.Fchdir(top))
                .at(mounter, new MountOp.PivotRoot())
                .at(mounter, new MountOp.Umount(".", Set.of(UmountFlag.DETACH)))
                .at(mounter, new ProcessOp.Stop())
                .host(new ProcessOp.Await(mounter))
                .host(new ProcessOp.OpenNs(mounter, Namespace.MNT, MNT))
                .host(new ProcessOp.Resume(mounter))
                .build();
    }

    /** A container that runs the script with its output on a pipe, or (tty) on a terminal. */
    Plan start(String script, boolean tty) {
        Plan.Builder plan = Plan.titled("start web");
        host(plan, tty);
        plan.host(new ProcessOp.Clone3(
                Set.of(CloneFlag.NEWPID, CloneFlag.NEWCGROUP), CGROUP, ChildKind.CONTAINER, "c1", PROCESS));
        inContainer(root(tty)).forEach(plan::add);
        return plan.addAll(inContainer(program(tty, script))).build();
    }

    private void host(Plan.Builder plan, boolean tty) {
        plan.host(new FileOp.Mkdir(Slot.NONE, cgroup.toString(), 0755), Errno.EEXIST);
        plan.host(new FileOp.Open(Slot.NONE, cgroup.toString(), Set.of(OpenFlag.DIRECTORY), 0, CGROUP));
        Slot volume = new Slot("v0");
        plan.host(new MountOp.OpenTree(
                Slot.NONE, directory.resolve("volume").toString(), Set.of(TreeFlag.CLONE, TreeFlag.RECURSIVE), volume));
        plan.host(new MountOp.MountSetattr(
                volume, MountDepth.RECURSIVE, Set.of(MountAttr.RO), Set.of(), PropagationType.PRIVATE, Slot.NONE));
        List<String> overlay = List.of("lowerdir=1:0", "upperdir=upper", "workdir=work", "volatile");
        plan.host(new MountOp.Chdir(directory.toString()));
        plan.host(new MountOp.Fsmount("overlay", overlay, Set.of(), ROOT));
        List<String> devpts = List.of("newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        plan.host(new MountOp.Fsmount("devpts", devpts, Set.of(MountAttr.NOSUID, MountAttr.NOEXEC), PTS));
        if (tty) {
            plan.host(new StdioOp.Pty(PTS, new Slot("master"), new Slot("out")));
            plan.host(new FileOp.Fchown(new Slot("out"), 1000, 5));
            plan.host(new StdioOp.Give("c1", Role.TTY, new Slot("master")));
        } else {
            plan.host(new StdioOp.Pipe(new Slot("in"), new Slot("out")));
            plan.host(new StdioOp.Give("c1", Role.STDOUT, new Slot("in")));
        }
    }

    private static List<Op> root(boolean tty) {
        List<Op> ops = new ArrayList<>(List.of(
                new ProcessOp.Setns(MNT, Set.of(Namespace.MNT)),
                new ProcessOp.Unshare(Set.of(Namespace.MNT)),
                new ProcessOp.Setns(NET, Set.of(Namespace.NET)),
                new ProcessOp.Setns(IPC, Set.of(Namespace.IPC)),
                new ProcessOp.Setns(UTS, Set.of(Namespace.UTS)),
                privateMounts(),
                new MountOp.OpenTree(Slot.NONE, "/shm", Set.of(TreeFlag.CLONE), new Slot("shm")),
                new MountOp.MoveMount(ROOT, Slot.NONE, "/"),
                new MountOp.Fsmount("tmpfs", List.of("mode=755", "size=65536k"), Set.of(MountAttr.NOSUID), DEV)));
        List.of("null", "zero", "full", "random", "urandom", "tty").forEach(name -> ops.add(device(name)));
        List.of("pts", "shm", "mqueue").forEach(name -> ops.add(new FileOp.Mkdir(DEV, name, 0755)));
        ops.add(new FileOp.Symlink("pts/ptmx", DEV, "ptmx"));
        ops.add(new FileOp.Symlink("/proc/self/fd", DEV, "fd"));
        mount(ops, "proc", "proc", LOCKED);
        mount(ops, "sys", "sysfs", LOCKED);
        ops.add(new FileOp.Mkdirs(ROOT, "dev", 0755, T));
        ops.add(new MountOp.MoveMount(DEV, T, ""));
        ops.add(new MountOp.MoveMount(PTS, DEV, "pts"));
        ops.add(new MountOp.MoveMount(new Slot("shm"), DEV, "shm"));
        mount(ops, "dev/mqueue", "mqueue", LOCKED);
        ops.add(new FileOp.Mkdirs(ROOT, "var/run/secrets/data", 0755, T));
        ops.add(new MountOp.MoveMount(new Slot("v0"), T, ""));
        if (tty) {
            ops.add(new FileOp.Mkfile(ROOT, "dev/console", 0600, T));
            ops.add(new MountOp.OpenTree(new Slot("out"), "", Set.of(TreeFlag.CLONE), M));
            ops.add(new MountOp.MoveMount(M, T, ""));
        }
        cover(ops);
        ops.add(new MountOp.Fchdir(ROOT));
        ops.add(new MountOp.PivotRoot());
        ops.add(new MountOp.Umount(".", Set.of(UmountFlag.DETACH)));
        ops.add(new MountOp.Chdir("/"));
        return ops;
    }

    private static void cover(List<Op> ops) {
        ops.add(new FileOp.Openat2(DEV, "null", Set.of(OpenFlag.PATH), new Slot("null")));
        List.of(
                        "proc/acpi",
                        "proc/kcore",
                        "proc/keys",
                        "proc/nothing",
                        "proc/scsi",
                        "proc/timer_list",
                        "sys/firmware",
                        "sys/devices/virtual")
                .forEach(path -> ops.add(new MountOp.Mask(ROOT, path, new Slot("null"))));
        List.of("proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", "proc/nothing")
                .forEach(path -> ops.add(new MountOp.Readonly(ROOT, path)));
    }

    private static List<Op> program(boolean tty, String script) {
        List<Op> ops = new ArrayList<>(List.of(new ProcessOp.Setsid()));
        for (int number = tty ? 0 : 1; number < 3; number++) {
            ops.add(new ProcessOp.Dup2(new Slot("out"), number));
        }
        if (tty) {
            ops.add(new ProcessOp.Setctty());
        }
        ops.addAll(drop());
        ops.add(new ProcessOp.Pdeathsig(9));
        ops.add(new ProcessOp.CloseRange(3));
        ops.add(new ProcessOp.Execve(List.of("/bin/busybox"), List.of("sh", "-c", script), List.of("PATH=/bin")));
        return ops;
    }

    /** Into the running container: born in its cgroup, rights dropped before it appears in the container's pid namespace. */
    Plan exec(String script) {
        Slot exec = new Slot("e");
        Plan.Builder plan = Plan.titled("exec in web")
                .host(new StdioOp.Pipe(new Slot("in"), new Slot("out")))
                .host(new StdioOp.Give("e1", Role.STDOUT, new Slot("in")))
                .host(clone(Set.of(), CGROUP, ChildKind.HELPER, HELPER))
                .at(
                        HELPER,
                        new ProcessOp.Setns(
                                PROCESS,
                                Set.of(
                                        Namespace.MNT,
                                        Namespace.PID,
                                        Namespace.NET,
                                        Namespace.IPC,
                                        Namespace.UTS,
                                        Namespace.CGROUP)))
                .at(HELPER, new ProcessOp.Dup2(new Slot("out"), 1));
        drop().forEach(op -> plan.at(HELPER, op));
        plan.at(
                HELPER,
                new ProcessOp.Clone3(Set.of(CloneFlag.VM, CloneFlag.VFORK), Slot.NONE, ChildKind.EXEC, "e1", exec));
        return plan.at(exec, new ProcessOp.CloseRange(3))
                .at(exec, new ProcessOp.Execve(List.of("/bin/busybox"), List.of("sh", "-c", script), List.of()))
                .build();
    }

    /** Everything killed, and the group taken away. */
    Plan teardown() {
        return Plan.titled("remove web")
                .host(new GroupOp.KillAll(List.of(cgroup.toString()), 5_000))
                .host(new GroupOp.RemoveGroup(cgroup.toString(), 2_000))
                .host(new FileOp.Drop(PROCESS))
                .build();
    }

    private static List<Op> drop() {
        long few = 0xa80425fbL;
        return List.of(
                new CredentialOp.Capbset(few),
                new ProcessOp.Umask(022),
                new CredentialOp.Setgroups(List.of(1000)),
                new CredentialOp.Setresgid(1000),
                new CredentialOp.Setresuid(1000),
                new CredentialOp.Capset(0, 0, 0),
                new CredentialOp.NoNewPrivs());
    }

    private static ProcessOp clone(Set<CloneFlag> flags, Slot cgroup, ChildKind kind, Slot child) {
        return new ProcessOp.Clone3(flags, cgroup, kind, "", child);
    }

    private static MountOp privateMounts() {
        return new MountOp.Mount("", "/", "", Set.of(MountFlag.REC, MountFlag.PRIVATE), "");
    }

    private static void mount(List<Op> ops, String path, String type, Set<MountAttr> attributes) {
        ops.add(new FileOp.Mkdirs(ROOT, path, 0755, T));
        ops.add(new MountOp.Fsmount(type, List.of(), attributes, M));
        ops.add(new MountOp.MoveMount(M, T, ""));
    }

    private static Op device(String name) {
        boolean tty = name.equals("tty");
        int minor = List.of("tty", "", "", "null", "", "zero", "", "full", "random", "urandom")
                .indexOf(name);
        return new FileOp.Mknod(DEV, name, NodeType.C, 0666, tty ? 5 : 1, minor);
    }

    private static List<Step> inContainer(List<Op> ops) {
        return ops.stream().map(op -> Step.at(PROCESS, op)).toList();
    }
}
