package dev.coracle.plan;

/** The propagation that {@code mount_setattr} gives; {@link #KEEP} leaves it as it is. The order is the wire's: add at the end. */
public enum PropagationType implements Keyword {
    KEEP,
    PRIVATE,
    SLAVE,
    SHARED,
    UNBINDABLE
}
