package dev.coracle.plan;

/** Resource limits, by their kernel names without the prefix. */
public enum Rlimit implements Keyword {
    CPU,
    FSIZE,
    DATA,
    STACK,
    CORE,
    RSS,
    NPROC,
    NOFILE,
    MEMLOCK,
    AS,
    LOCKS,
    SIGPENDING,
    MSGQUEUE,
    NICE,
    RTPRIO,
    RTTIME
}
