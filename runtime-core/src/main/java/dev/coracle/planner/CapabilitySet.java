package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A set of Linux capabilities as the kernel keeps it: bit {@code n} is capability {@code n}.
 *
 * @param bits as {@code CapBnd} in {@code /proc/self/status}
 */
public record CapabilitySet(long bits) {
    /** In the order of their numbers (include/uapi/linux/capability.h). */
    private static final List<String> NAMES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    public static final CapabilitySet NONE = new CapabilitySet(0);

    /** What a container gets that asks for nothing: the set that Docker chose and users of Kubernetes count on. */
    public static final CapabilitySet DEFAULT = of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    public static CapabilitySet of(String... names) {
        long bits = 0;
        for (String name : names) {
            bits |= 1L << NAMES.indexOf(name);
        }
        return new CapabilitySet(bits);
    }

    /**
     * Reads names as clients write them: with or without {@code CAP_}, in any case, {@code ALL} for everything in
     * {@code all}.
     *
     * @param field named by the failure
     * @throws InvalidSpec if the kernel knows no such capability
     */
    static CapabilitySet parse(List<String> names, CapabilitySet all, String field) {
        CapabilitySet set = NONE;
        for (String name : names) {
            set = set.plus(named(name, all, field));
        }
        return set;
    }

    private static CapabilitySet named(String text, CapabilitySet all, String field) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        if (name.equals("ALL")) {
            return all;
        }
        int number = NAMES.indexOf(name.startsWith("CAP_") ? name.substring(4) : name);
        if (number < 0) {
            throw new InvalidSpec(field, "no capability is called " + text);
        }
        return new CapabilitySet(1L << number);
    }

    public CapabilitySet plus(CapabilitySet other) {
        return new CapabilitySet(bits | other.bits);
    }

    public CapabilitySet minus(CapabilitySet other) {
        return new CapabilitySet(bits & ~other.bits);
    }

    public CapabilitySet within(CapabilitySet other) {
        return new CapabilitySet(bits & other.bits);
    }

    /**
     * Whether the named one is in it.
     *
     * @param name without {@code CAP_}
     */
    public boolean has(String name) {
        int number = NAMES.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException("no capability is called " + name);
        }
        return (bits & (1L << number)) != 0;
    }

    /** {@code CAP_CHOWN} and so on, by number; what this build has no name for is left out. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : NAMES) {
            if (has(name)) {
                names.add("CAP_" + name);
            }
        }
        return names;
    }
}
