package dev.coracle.plan;

/** Flags of {@code seccomp}. */
public enum SeccompFlag implements Keyword {
    TSYNC,
    LOG,
    SPEC_ALLOW,
    WAIT_KILL
}
