package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProgramOp;
import java.time.Duration;
import java.util.List;

/** Coracle's own AppArmor profile, which containers run under that ask for the runtime's. */
public final class AppArmorProfile {
    public static final String NAME = "coracle-default";

    /** What the parser's answer is called in the plan that loads it. */
    public static final String ANSWER = "parser";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int OUTPUT_LIMIT = 4096;

    /**
     * What a container may do by its capabilities anyway, but for the ways out that those leave open: writing to the kernel's files,
     * mounting, and reaching processes outside. It includes nothing, as nodes need not have Debian's abstractions.
     */
    private static final String TEXT = """
        profile coracle-default flags=(attach_disconnected,mediate_deleted) {
          network,
          capability,
          file,
          umount,

          # The shim and the node's own processes signal it; its processes signal and trace each other.
          signal (receive) peer=unconfined,
          signal (send,receive) peer=coracle-default,
          ptrace (trace,tracedby,read,readby) peer=coracle-default,
          unix,

          deny mount,

          # Of /proc only what belongs to a process may be written, and of its sysctls only shared memory's.
          deny /proc/* w,
          deny /proc/{[^1-9/],[^1-9/][^0-9/],[^1-9s/][^0-9y/][^0-9s/],[^1-9/][^0-9/][^0-9/][^0-9/]*}/** w,
          deny /proc/sys/[^k]** w,
          deny /proc/sys/kernel/{?,??,[^s][^h][^m]**} w,
          deny /proc/sysrq-trigger rwklx,
          deny /proc/kcore rwklx,

          # Of /sys only the control groups may be written.
          deny /sys/[^f]*/** wklx,
          deny /sys/f[^s]*/** wklx,
          deny /sys/fs/[^c]*/** wklx,
          deny /sys/fs/c[^g]*/** wklx,
          deny /sys/fs/cg[^r]*/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
          deny /sys/kernel/security/** rwklx,
        }
        """;

    private AppArmorProfile() {}

    /**
     * Loads it into the kernel, in place of what an older version loaded.
     *
     * @param parser absolute path of {@code apparmor_parser}
     */
    public static Plan load(String parser) {
        Plan.Builder plan = Plan.titled("load AppArmor profile " + NAME);
        plan.host(new ProgramOp.Run(
                List.of(parser, "--replace", "--skip-cache"),
                List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
                Bytes.utf8(TEXT),
                OUTPUT_LIMIT,
                PATIENCE.toMillis(),
                ANSWER));
        return plan.build();
    }
}
