package dev.coracle.cli;

import dev.coracle.planner.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One runtime handler, as {@code [handlers.NAME]} configures it: the built-in runtime with options of its own.
 *
 * @param privilegedWithoutHostDevices privileged containers get the usual devices only
 * @param cniConfDir of the networks of its pods; empty for the node's
 * @param cgroupWritable containers may make groups below their own; on cgroup version 2 only
 */
record HandlerConfig(boolean privilegedWithoutHostDevices, Optional<Path> cniConfDir, boolean cgroupWritable) {
    Settings settings() {
        return Settings.DEFAULT.with(!privilegedWithoutHostDevices, cgroupWritable);
    }
}
