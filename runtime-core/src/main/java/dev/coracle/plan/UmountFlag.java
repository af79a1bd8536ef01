package dev.coracle.plan;

/** Flags of {@code umount}. The order is the wire's: add at the end. */
public enum UmountFlag implements Keyword {
    DETACH,
    FORCE,
    NOFOLLOW
}
