package dev.coracle.spec;

/**
 * A host device, or a directory of them, for a container (CRI {@code Device}).
 *
 * @param permissions what the device cgroup allows: letters of {@code rwm}; empty means all three
 */
public record DeviceSpec(String containerPath, String hostPath, String permissions) {}
