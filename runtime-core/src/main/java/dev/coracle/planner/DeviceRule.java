package dev.coracle.planner;

import java.util.List;

/**
 * A kind of device nodes that a container may use.
 *
 * @param major -1 for all
 * @param minor -1 for all
 * @param access letters of {@code rwm}: read, write, mknod
 */
record DeviceRule(DeviceKind kind, int major, int minor, String access) {
    /** What every container may use, made by Coracle in its {@code /dev}; and any node may be made, not opened. */
    static final List<DeviceRule> DEFAULT = List.of(
            new DeviceRule(DeviceKind.CHARACTER, -1, -1, "m"),
            new DeviceRule(DeviceKind.BLOCK, -1, -1, "m"),
            new DeviceRule(DeviceKind.CHARACTER, 1, 3, "rwm"), // null
            new DeviceRule(DeviceKind.CHARACTER, 1, 5, "rwm"), // zero
            new DeviceRule(DeviceKind.CHARACTER, 1, 7, "rwm"), // full
            new DeviceRule(DeviceKind.CHARACTER, 1, 8, "rwm"), // random
            new DeviceRule(DeviceKind.CHARACTER, 1, 9, "rwm"), // urandom
            new DeviceRule(DeviceKind.CHARACTER, 5, 0, "rwm"), // tty
            new DeviceRule(DeviceKind.CHARACTER, 5, 1, "rwm"), // console
            new DeviceRule(DeviceKind.CHARACTER, 5, 2, "rwm"), // ptmx
            new DeviceRule(DeviceKind.CHARACTER, 136, -1, "rwm")); // pts

    /** As a line for {@code devices.allow} of cgroup version 1. */
    String line() {
        String kinds = kind == DeviceKind.CHARACTER ? "c " : "b ";
        return kinds + number(major) + ":" + number(minor) + " " + access;
    }

    private static String number(int number) {
        return number < 0 ? "*" : Integer.toString(number);
    }
}
