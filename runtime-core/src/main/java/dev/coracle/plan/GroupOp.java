package dev.coracle.plan;

import java.util.List;

/** Control groups as a whole; single files are {@link FileOp.Write}. */
public sealed interface GroupOp extends Op {
    /**
     * Compound: SIGKILL for every process in these groups and below until none is left: cgroup.kill (v2, 5.14), else the v1 freezer,
     * else again and again. A group that is not there is empty. ETIMEDOUT after {@code deadlineMillis}, its detail
     * naming a process and where it waits.
     */
    record KillAll(List<String> groups, long deadlineMillis) implements GroupOp {
        public KillAll {
            groups = List.copyOf(groups);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(90, "kill_all").texts(groups).label("deadline=").number(deadlineMillis);
        }
    }

    /** Compound: rmdir of the group and those below it, again while EBUSY until {@code deadlineMillis}; not there is not an error. */
    record RemoveGroup(String group, long deadlineMillis) implements GroupOp {
        @Override
        public void describe(OpWriter out) {
            out.op(91, "remove_group").text(group).label("deadline=").number(deadlineMillis);
        }
    }

    /**
     * Compound: fills {@code cpuset.mems} and {@code cpuset.cpus} of a new cgroup v1 group, without which no process can join it,
     * with what its parent has. What is not empty stays.
     */
    record CpusetInherit(String group) implements GroupOp {
        @Override
        public void describe(OpWriter out) {
            out.op(92, "cpuset_inherit").text(group);
        }
    }

    /**
     * Compound: loads an eBPF program of type {@code BPF_PROG_TYPE_CGROUP_DEVICE} and attaches it to the cgroup v2 group in the
     * slot, beside any others: a device must please all of them. The program is an array of struct bpf_insn.
     */
    record DeviceFilter(Slot group, Bytes program) implements GroupOp {
        @Override
        public void describe(OpWriter out) {
            out.op(93, "device_filter").slot(group).blob(program);
        }
    }
}
