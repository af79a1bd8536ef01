package dev.coracle.planner;

/** The two kinds of device nodes. */
public enum DeviceKind {
    CHARACTER,
    BLOCK
}
