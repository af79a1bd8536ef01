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
    /** The same node with other ids in the container. */
    public HostDevice ownedBy(int user, int group) {
        return new HostDevice(hostPath, containerPath, kind, major, minor, mode, user, group, access);
    }

    DeviceRule rule() {
        return new DeviceRule(kind, major, minor, access);
    }
}
