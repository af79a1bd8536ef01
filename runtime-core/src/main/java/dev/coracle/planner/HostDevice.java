package dev.coracle.planner;

/**
 * A device node of the host, as it is to be made again in a container.
 *
 * @param hostPath absolute, without symbolic links
 * @param containerPath absolute
 * @param mode permission bits
 * @param access letters of {@code rwm} for the device cgroup
 */
public record HostDevice(
        String hostPath,
        String containerPath,
        DeviceKind kind,
        int major,
        int minor,
        int mode,
        int uid,
        int gid,
        String access) {
    DeviceRule rule() {
        return new DeviceRule(kind, major, minor, access);
    }
}
