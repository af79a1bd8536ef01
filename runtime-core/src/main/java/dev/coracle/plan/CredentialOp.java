package dev.coracle.plan;

import java.util.List;
import java.util.Set;

/** Who a process is and what it may do. Capability masks have bit N for capability number N. */
public sealed interface CredentialOp extends Op {
    /** setgroups(2); ids are unsigned. */
    record Setgroups(List<Integer> groups) implements CredentialOp {
        public Setgroups {
            groups = List.copyOf(groups);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(70, "setgroups").numbers(groups);
        }
    }

    /** setresgid(2), all three; unsigned. */
    record Setresgid(int gid) implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(71, "setresgid").number(Integer.toUnsignedLong(gid));
        }
    }

    /** setresuid(2), all three; unsigned. */
    record Setresuid(int uid) implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(72, "setresuid").number(Integer.toUnsignedLong(uid));
        }
    }

    /** prctl PR_SET_KEEPCAPS: permitted capabilities outlive {@link Setresuid}. */
    record Keepcaps() implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(73, "keepcaps");
        }
    }

    /** Drops from the bounding set what the mask does not hold. */
    record Capbset(long mask) implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(74, "capbset").mask(mask);
        }
    }

    /** capset(2). */
    record Capset(long effective, long permitted, long inheritable) implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(75, "capset").mask(effective).mask(permitted).mask(inheritable);
        }
    }

    /** Clears the ambient set, then raises what the mask holds. */
    record Capambient(long mask) implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(76, "capambient").mask(mask);
        }
    }

    /** prctl PR_SET_NO_NEW_PRIVS. */
    record NoNewPrivs() implements CredentialOp {
        @Override
        public void describe(OpWriter out) {
            out.op(77, "no_new_privs");
        }
    }

    /** seccomp(2) SECCOMP_SET_MODE_FILTER; the filter is an array of struct sock_filter. Later ops run under it. */
    record Seccomp(Set<SeccompFlag> flags, Bytes filter) implements CredentialOp {
        public Seccomp {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(78, "seccomp").flags(flags).blob(filter);
        }
    }
}
