package dev.coracle.plan;

import java.util.List;
import java.util.Set;

/** Processes, namespaces, and what a process is before it executes its program. */
public sealed interface ProcessOp extends Op {
    /**
     * clone3(2): makes the place {@code child}, whose later steps the new process runs in order. It is a child of the shim
     * (CLONE_PARENT), has descriptors of its own, default signal dispositions, and is born in the cgroup {@code cgroup} where
     * that is not {@link Slot#NONE} (cgroup v2). Its slot holds a pidfd.
     *
     * @param id what the shim calls it: the container's or the exec's id; free for helpers
     */
    record Clone3(Set<CloneFlag> flags, Slot cgroup, ChildKind kind, String id, Slot child) implements ProcessOp {
        public Clone3 {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(40, "clone3").flags(flags).label("cgroup=").slot(cgroup);
            out.word("as").choice(kind).text(id).makes(child);
        }
    }

    /** In a child: tells the host side that it is here, and sleeps until {@link Resume}. */
    record Stop() implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(41, "stop");
        }
    }

    /** On the host side: sleeps until the child is at {@link Stop}. */
    record Await(Slot child) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(42, "await").process(child);
        }
    }

    /** On the host side: lets the child go on after its {@link Stop}. */
    record Resume(Slot child) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(43, "resume").process(child);
        }
    }

    /** On the host side: sleeps until the helper has done all its steps and is gone. */
    record Join(Slot child) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(44, "join").process(child);
        }
    }

    /** unshare(2). */
    record Unshare(Set<Namespace> namespaces) implements ProcessOp {
        public Unshare {
            namespaces = Set.copyOf(namespaces);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(45, "unshare").flags(namespaces);
        }
    }

    /** setns(2) with a namespace's descriptor, or a pidfd and several namespaces. */
    record Setns(Slot namespace, Set<Namespace> namespaces) implements ProcessOp {
        public Setns {
            namespaces = Set.copyOf(namespaces);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(46, "setns").slot(namespace).flags(namespaces);
        }
    }

    /** On the host side: a namespace of a child that lives (at its {@link Stop}). */
    record OpenNs(Slot child, Namespace namespace, Slot opened) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(47, "open_ns").process(child).choice(namespace).makes(opened);
        }
    }

    /** On the host side: the /proc directory of a child that lives, as O_PATH: for {@code write $proc uid_map}. */
    record OpenProc(Slot child, Slot opened) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(48, "open_proc").process(child).makes(opened);
        }
    }

    /** Sets a network interface of the process's network namespace up. */
    record LinkUp(String name) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(49, "link_up").text(name);
        }
    }

    /** sethostname(2). */
    record Sethostname(String name) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(50, "sethostname").text(name);
        }
    }

    /** setsid(2). */
    record Setsid() implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(51, "setsid");
        }
    }

    /** Makes the terminal on descriptor 0 the controlling one (TIOCSCTTY); after {@link Setsid} and {@link Dup2}. */
    record Setctty() implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(52, "setctty");
        }
    }

    /** dup2(2) to 0, 1 or 2, which stays open in the program. */
    record Dup2(Slot file, int number) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(53, "dup2").slot(file).number(number);
        }
    }

    /** setrlimit(2); −1 is unlimited. */
    record Setrlimit(Rlimit limit, long soft, long hard) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(54, "setrlimit").choice(limit).number(soft).number(hard);
        }
    }

    /** umask(2). */
    record Umask(int mode) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(55, "umask").mode(mode);
        }
    }

    /** prctl PR_SET_PDEATHSIG; a change of credentials clears it, so it comes after them. */
    record Pdeathsig(int signal) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(56, "pdeathsig").number(signal);
        }
    }

    /** close_range(2) with CLOSE_RANGE_CLOEXEC: what is open from {@code first} up ends with execve. */
    record CloseRange(int first) implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(57, "close_range").number(first);
        }
    }

    /** execve(2) of the paths in turn: ENOENT, ENOTDIR and EACCES try the next; EACCES wins over the others as the result. */
    record Execve(List<String> paths, List<String> argv, List<String> env) implements ProcessOp {
        public Execve {
            paths = List.copyOf(paths);
            argv = List.copyOf(argv);
            env = List.copyOf(env);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(58, "execve")
                    .texts(paths)
                    .label("argv=")
                    .texts(argv)
                    .label("env=")
                    .texts(env);
        }
    }

    /** For the init of a shared pid namespace: reaps for ever, with nothing open. */
    record Reap() implements ProcessOp {
        @Override
        public void describe(OpWriter out) {
            out.op(59, "reap");
        }
    }
}
