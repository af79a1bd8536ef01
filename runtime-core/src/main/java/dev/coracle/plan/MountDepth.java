package dev.coracle.plan;

/** Whether {@code mount_setattr} takes one mount or the mounts below it too. The order is the wire's: add at the end. */
public enum MountDepth implements Keyword {
    SINGLE,
    RECURSIVE
}
