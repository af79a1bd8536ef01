package dev.coracle.plan;

/** The propagation that {@code mount_setattr} gives; {@link #KEEP} leaves it as it is. */
public enum PropagationType implements Keyword {
    KEEP,
    PRIVATE,
    SLAVE,
    SHARED,
    UNBINDABLE
}
