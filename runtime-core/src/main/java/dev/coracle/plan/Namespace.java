package dev.coracle.plan;

/** Kinds of namespaces, named as in /proc/PID/ns. The order is the wire's: add at the end. */
public enum Namespace implements Keyword {
    MNT,
    NET,
    IPC,
    UTS,
    PID,
    USER,
    CGROUP
}
