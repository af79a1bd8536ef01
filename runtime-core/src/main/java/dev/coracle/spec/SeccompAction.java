package dev.coracle.spec;

/** What a filter does with a call: the {@code SECCOMP_RET_} values that a profile may name. */
public enum SeccompAction {
    ALLOW,
    ERRNO,
    KILL_PROCESS,
    KILL_THREAD,
    TRAP,
    TRACE,
    LOG,
    NOTIFY
}
