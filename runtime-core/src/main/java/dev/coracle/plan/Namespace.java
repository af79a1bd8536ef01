package dev.coracle.plan;

/** Kinds of namespaces, named as in /proc/PID/ns. */
public enum Namespace implements Keyword {
    MNT,
    NET,
    IPC,
    UTS,
    PID,
    USER,
    CGROUP
}
