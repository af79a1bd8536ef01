package dev.coracle.plan;

/** Standard streams, and what the shim gets to hold. */
public sealed interface StdioOp extends Op {
    /** pipe2(2). */
    record Pipe(Slot reader, Slot writer) implements StdioOp {
        @Override
        public void describe(OpWriter out) {
            out.op(80, "pipe").makes(reader).makes(writer);
        }
    }

    /** A terminal of the devpts mount in the slot: ptmx opened through it, the peer by TIOCGPTPEER. */
    record Pty(Slot devpts, Slot master, Slot peer) implements StdioOp {
        @Override
        public void describe(OpWriter out) {
            out.op(81, "pty").slot(devpts).makes(master).makes(peer);
        }
    }

    /** Hands a descriptor to the shim for the container or exec {@code id}, once the plan has succeeded; from any place. */
    record Give(String id, Role role, Slot file) implements StdioOp {
        @Override
        public void describe(OpWriter out) {
            out.op(82, "give").text(id).choice(role).slot(file);
        }
    }

    /** Opens (appending, made with 0640 where missing, no symlink at its end) the CRI log of container {@code id}; once in a plan. */
    record Log(String id, String path) implements StdioOp {
        @Override
        public void describe(OpWriter out) {
            out.op(83, "log").text(id).text(path);
        }
    }
}
