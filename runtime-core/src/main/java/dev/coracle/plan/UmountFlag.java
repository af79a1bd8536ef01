package dev.coracle.plan;

/** Flags of {@code umount}. */
public enum UmountFlag implements Keyword {
    DETACH,
    FORCE,
    NOFOLLOW
}
