package dev.coracle.plan;

/** Whether {@code mount_setattr} takes one mount or the mounts below it too. */
public enum MountDepth implements Keyword {
    SINGLE,
    RECURSIVE
}
