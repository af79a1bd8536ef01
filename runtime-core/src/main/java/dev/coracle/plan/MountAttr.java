package dev.coracle.plan;

/** Mount attributes of {@code mount_setattr} and {@code fsmount}. {@link #ATIME} is the mask of all access time modes: clear it where one of them is set. */
public enum MountAttr implements Keyword {
    RO,
    NOSUID,
    NODEV,
    NOEXEC,
    NOATIME,
    STRICTATIME,
    NODIRATIME,
    NOSYMFOLLOW,
    ATIME
}
