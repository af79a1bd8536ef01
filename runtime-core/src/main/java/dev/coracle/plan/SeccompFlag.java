package dev.coracle.plan;

/** Flags of {@code seccomp}. The order is the wire's: add at the end. */
public enum SeccompFlag implements Keyword {
    TSYNC,
    LOG,
    SPEC_ALLOW,
    WAIT_KILL
}
