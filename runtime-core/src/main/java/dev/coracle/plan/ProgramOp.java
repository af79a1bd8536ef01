package dev.coracle.plan;

import java.util.List;

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
}
