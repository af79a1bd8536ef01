package dev.coracle.planner;

import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompArg;
import dev.coracle.spec.SeccompArg.Operator;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The profile behind CRI's {@code RuntimeDefault}: an allow list that grows with the container's capabilities.
 *
 * <p>A call that is refused on purpose answers EPERM. Any other, which can only be newer than this list, answers ENOSYS, so
 * that C libraries fall back to an older call instead of failing.
 */
public final class SeccompDefault {
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int EAFNOSUPPORT = 97;

    private static final int AF_ALG = 38;
    private static final int AF_VSOCK = 40;

    /** CLONE_NEWTIME is left out: for clone its bit is part of the exit signal. */
    private static final List<Long> CLONE_NAMESPACES = List.of(
            0x0002_0000L, // NEWNS
            0x0200_0000L, // NEWCGROUP
            0x0400_0000L, // NEWUTS
            0x0800_0000L, // NEWIPC
            0x1000_0000L, // NEWUSER
            0x2000_0000L, // NEWPID
            0x4000_0000L); // NEWNET

    /** PER_LINUX, PER_LINUX32, each with UNAME26, and the question what it is now. */
    private static final List<Long> PERSONALITIES = List.of(0L, 0x8L, 0x2_0000L, 0x2_0008L, 0xffff_ffffL);

    /** Without all of the capabilities named there, these calls are refused. */
    private static final Map<String, List<String>> BY_CAPABILITY = new TreeMap<>(Map.ofEntries(
            Map.entry("BPF", List.of("bpf")),
            Map.entry("DAC_READ_SEARCH", List.of("open_by_handle_at")),
            Map.entry("PERFMON", List.of("perf_event_open")),
            Map.entry("SYSLOG", List.of("syslog")),
            Map.entry("SYS_ADMIN", SyscallNames.ADMINISTRATION),
            Map.entry("SYS_BOOT", List.of("reboot")),
            Map.entry("SYS_CHROOT", List.of("chroot")),
            Map.entry("SYS_MODULE", List.of("delete_module", "finit_module", "init_module")),
            Map.entry("SYS_NICE", List.of("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node")),
            Map.entry("SYS_PACCT", List.of("acct")),
            Map.entry("SYS_PTRACE", List.of("kcmp", "pidfd_getfd", "process_madvise")),
            Map.entry("SYS_RAWIO", List.of("ioperm", "iopl")),
            Map.entry("SYS_TIME", List.of("clock_settime", "clock_settime64", "settimeofday", "stime")),
            Map.entry("SYS_TTY_CONFIG", List.of("vhangup"))));

    private final CapabilitySet capabilities;
    private final List<SeccompRule> rules = new ArrayList<>();

    private SeccompDefault(CapabilitySet capabilities) {
        this.capabilities = capabilities;
    }

    /** The profile for a container with these capabilities in its bounding set. */
    public static SeccompProfile profile(CapabilitySet capabilities, Architecture architecture) {
        return new SeccompDefault(capabilities).build(architecture);
    }

    private SeccompProfile build(Architecture architecture) {
        allow(SyscallNames.HARMLESS);
        allow(SyscallNames.only(architecture));
        sockets();
        PERSONALITIES.forEach(value -> allow("personality", new SeccompArg(0, value, 0, Operator.EQUAL)));
        List<String> refused = new ArrayList<>(SyscallNames.NEVER);
        List<String> granted = new ArrayList<>();
        BY_CAPABILITY.forEach((name, calls) -> (capabilities.has(name) ? granted : refused).addAll(calls));
        refused.removeAll(granted); // some hang on either of two capabilities
        allow(granted.stream().distinct().sorted().toList());
        refuse(refused.stream().distinct().sorted().toList(), EPERM);
        clones();
        return new SeccompProfile(SeccompAction.ERRNO, ENOSYS, architecture.seccompNames(), List.of(), rules);
    }

    /** AF_ALG and AF_VSOCK reach the host's kernel and its neighbours whatever the network namespace is. */
    private void sockets() {
        allow("socket", new SeccompArg(0, AF_ALG, 0, Operator.LESS_THAN));
        allow("socket", new SeccompArg(0, AF_ALG + 1, 0, Operator.EQUAL));
        allow("socket", new SeccompArg(0, AF_VSOCK, 0, Operator.GREATER_THAN));
        for (int family : List.of(AF_ALG, AF_VSOCK)) {
            SeccompArg arg = new SeccompArg(0, family, 0, Operator.EQUAL);
            rules.add(new SeccompRule(List.of("socket"), SeccompAction.ERRNO, EAFNOSUPPORT, List.of(arg)));
        }
    }

    /** New namespaces need CAP_SYS_ADMIN. The flags of clone3 are in memory, out of a filter's sight: C libraries fall back. */
    private void clones() {
        if (capabilities.has("SYS_ADMIN")) {
            allow(List.of("clone", "clone3"));
            return;
        }
        long all = CLONE_NAMESPACES.stream().mapToLong(Long::longValue).sum();
        allow("clone", new SeccompArg(0, all, 0, Operator.MASKED_EQUAL));
        for (long flag : CLONE_NAMESPACES) {
            SeccompArg arg = new SeccompArg(0, flag, flag, Operator.MASKED_EQUAL);
            rules.add(new SeccompRule(List.of("clone"), SeccompAction.ERRNO, EPERM, List.of(arg)));
        }
        refuse(List.of("clone3"), ENOSYS);
    }

    private void allow(List<String> names) {
        if (!names.isEmpty()) {
            rules.add(new SeccompRule(names, SeccompAction.ALLOW, 0, List.of()));
        }
    }

    private void allow(String name, SeccompArg arg) {
        rules.add(new SeccompRule(List.of(name), SeccompAction.ALLOW, 0, List.of(arg)));
    }

    private void refuse(List<String> names, int errno) {
        rules.add(new SeccompRule(names, SeccompAction.ERRNO, errno, List.of()));
    }
}
