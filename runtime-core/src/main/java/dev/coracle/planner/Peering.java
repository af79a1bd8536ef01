package dev.coracle.planner;

/** How the mount that a path lies on passes later mounts on; {@code shared:} and {@code master:} in mountinfo. */
public enum Peering {
    /** To nobody, and from nobody; unbindable mounts count as this. */
    PRIVATE,
    /** From its master only. */
    SLAVE,
    /** Both ways, also where it is a slave besides. */
    SHARED
}
