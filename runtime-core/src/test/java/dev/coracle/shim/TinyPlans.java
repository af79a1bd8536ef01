package dev.coracle.shim;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.ProgramOp;
import dev.coracle.plan.Role;
import dev.coracle.plan.Slot;
import dev.coracle.plan.StdioOp;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The smallest plans that make processes: no namespace, no root, a shell of the host. Execs are made as planned ones are. */
final class TinyPlans {
    static final Set<CloneFlag> SHARED_MEMORY = Set.of(CloneFlag.VM, CloneFlag.VFORK);

    private static final Slot CHILD = new Slot("c");
    private static final List<String> ENV = List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin");

    private TinyPlans() {}

    /** A container whose main process is a shell, its output going to the log. */
    static Plan container(String id, String script, Path log) {
        Plan.Builder plan = Plan.titled("start " + id.substring(0, 4)).host(new StdioOp.Log(id, log.toString()));
        return shell(plan, ChildKind.CONTAINER, id, script);
    }

    /** The same, with a file that counts oom kills. */
    static Plan container(String id, String script, Path log, Path oom) {
        Slot counter = new Slot("oom");
        Plan.Builder plan = Plan.titled("start " + id.substring(0, 4))
                .host(new StdioOp.Log(id, log.toString()))
                .host(new FileOp.Open(Slot.NONE, oom.toString(), Set.of(OpenFlag.RDONLY), 0, counter))
                .host(new StdioOp.Give(id, Role.OOM, counter));
        return shell(plan, ChildKind.CONTAINER, id, script);
    }

    /** An exec of a shell. */
    static Plan exec(String id, String script) {
        return shell(Plan.titled("exec"), ChildKind.EXEC, id, script);
    }

    static Plan program(String id, List<String> argv) {
        return shell(Plan.titled("exec"), ChildKind.EXEC, id, argv);
    }

    private static Plan shell(Plan.Builder plan, ChildKind kind, String id, String script) {
        return shell(plan, kind, id, List.of("/bin/sh", "-c", script));
    }

    private static Plan shell(Plan.Builder plan, ChildKind kind, String id, List<String> argv) {
        List<Role> roles = List.of(Role.STDIN, Role.STDOUT, Role.STDERR);
        for (Role role : roles) {
            String name = role.name().toLowerCase(java.util.Locale.ROOT);
            Slot reader = new Slot(name + "_r");
            Slot writer = new Slot(name + "_w");
            plan.host(new StdioOp.Pipe(reader, writer))
                    .host(new StdioOp.Give(id, role, role == Role.STDIN ? writer : reader));
        }
        Set<CloneFlag> flags = kind == ChildKind.EXEC ? SHARED_MEMORY : Set.of();
        return plan.host(new ProcessOp.Clone3(flags, Slot.NONE, kind, id, CHILD))
                .at(CHILD, new ProcessOp.Setsid())
                .at(CHILD, new ProcessOp.Dup2(new Slot("stdin_r"), 0))
                .at(CHILD, new ProcessOp.Dup2(new Slot("stdout_w"), 1))
                .at(CHILD, new ProcessOp.Dup2(new Slot("stderr_w"), 2))
                .at(CHILD, new ProcessOp.CloseRange(3))
                .at(CHILD, new ProcessOp.Execve(List.of(argv.getFirst()), argv, ENV))
                .build();
    }

    /** Runs a shell beside the shim; its answer is {@code out}. */
    static Plan run(String script, long deadlineMillis) {
        return Plan.titled("run")
                .host(new ProgramOp.Run(
                        List.of("/bin/sh", "-c", script), ENV, Bytes.EMPTY, 65_536, deadlineMillis, "out"))
                .build();
    }

    /** One op, which fails with ENOENT. */
    static Plan failing() {
        return Plan.titled("fail")
                .host(new FileOp.Open(Slot.NONE, "/dev/null", Set.of(OpenFlag.RDONLY), 0, new Slot("null")))
                .host(new FileOp.Open(Slot.NONE, "/not/there", Set.of(OpenFlag.RDONLY), 0, new Slot("absent")))
                .build();
    }

    /** Nothing but a descriptor that the shim keeps. */
    static Plan keep(String name, Path file) {
        return Plan.titled("keep")
                .host(new FileOp.Open(Slot.NONE, file.toString(), Set.of(OpenFlag.RDONLY), 0, Slot.kept("pod", name)))
                .build();
    }

    static Plan drop(String name) {
        return Plan.titled("drop").host(new FileOp.Drop(Slot.kept("pod", name))).build();
    }
}
