package dev.coracle.planner;

import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.util.List;

/**
 * The seccomp profile of a pod's init. A container with CAP_SYS_PTRACE can take the init over, and would then be without the filter that it
 * has itself. So the init may make the calls by which it begins to reap and waits, whatever is asked for the pod; any other is told EPERM.
 */
final class InitProfile {
    private static final int EPERM = 1;

    /** {@code pause} is {@code ppoll} where the machine has no such call. */
    private static final List<String> CALLS = List.of(
            "close_range",
            "pause",
            "ppoll",
            "prctl",
            "restart_syscall",
            "rt_sigaction",
            "rt_sigprocmask",
            "rt_sigreturn");

    private InitProfile() {}

    /** All the architecture's interfaces are named: calls of one that is not would end the init, and the pod's containers with it. */
    static SeccompProfile of(Architecture architecture) {
        return new SeccompProfile(
                SeccompAction.ERRNO,
                EPERM,
                architecture.seccompNames(),
                List.of(),
                List.of(new SeccompRule(CALLS, SeccompAction.ALLOW, 0, List.of())));
    }
}
