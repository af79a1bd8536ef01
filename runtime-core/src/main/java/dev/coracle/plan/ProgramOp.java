package dev.coracle.plan;

import java.util.List;
import java.util.Set;

/** Programs of the host: CNI plugins, hooks, OCI runtimes. */
public sealed interface ProgramOp extends Op {
    /**
     * Runs a program beside the shim: argv[0] is its absolute path, working directory {@code /}, process group of its own. What it writes to
     * stdout and stderr beyond limit bytes each is dropped. At the deadline it, its group and all its descendants are killed.
     * The answer is {@link Answers#program}; not being able to start it is a failure.
     */
    record Run(List<String> argv, List<String> env, Bytes stdin, long limit, long deadlineMillis, String answer)
            implements ProgramOp {
        public Run {
            argv = List.copyOf(argv);
            env = List.copyOf(env);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(95, "run")
                    .texts(argv)
                    .label("env=")
                    .texts(env)
                    .label("stdin=")
                    .data(stdin);
            out.label("limit=").number(limit).label("deadline=").number(deadlineMillis);
            out.word("as").text(answer);
        }
    }

    /**
     * Runs a hook of the OCI runtime specification for a child that waits at {@link ProcessOp.Stop}, or has executed its program. It fails
     * where the hook does, with the last that it said on stderr as detail, or ECANCELED; with ETIMEDOUT at its deadline.
     *
     * @param namespaces of the child that it runs in, where {@link Namespace#USER} is one as its root; the pid namespace is that which
     *     {@code setns} has set for children
     * @param argv the program's absolute path, then its own argv
     * @param state what it gets on stdin, up to the pid and the closing brace, which are added: 1 where {@code namespaces} has
     *     {@link Namespace#PID}, the child's pid as the host has it where not
     */
    record Hook(
            Slot child,
            Set<Namespace> namespaces,
            List<String> argv,
            List<String> env,
            Bytes state,
            long deadlineMillis)
            implements ProgramOp {
        public Hook {
            namespaces = Set.copyOf(namespaces);
            argv = List.copyOf(argv);
            env = List.copyOf(env);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(96, "hook").process(child).flags(namespaces).texts(argv);
            out.label("env=").texts(env).label("state=").blob(state);
            out.label("deadline=").number(deadlineMillis);
        }
    }
}
