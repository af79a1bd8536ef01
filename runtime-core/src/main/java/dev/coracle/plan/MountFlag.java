package dev.coracle.plan;

/** Flags of the classic {@code mount} op. The order is the wire's: add at the end. */
public enum MountFlag implements Keyword {
    RO,
    NOSUID,
    NODEV,
    NOEXEC,
    REMOUNT,
    BIND,
    REC,
    PRIVATE,
    SLAVE,
    SHARED,
    UNBINDABLE,
    NOATIME,
    RELATIME,
    STRICTATIME
}
