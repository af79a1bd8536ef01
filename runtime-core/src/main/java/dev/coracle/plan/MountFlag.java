package dev.coracle.plan;

/** Flags of the classic {@code mount} op. */
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
