package dev.coracle.planner;

import dev.coracle.plan.Rlimit;
import java.util.List;
import java.util.Map;

/**
 * How a runtime handler is configured, as far as planners mind.
 *
 * @param limits of every process in a container
 * @param sysctls of every pod with a network of its own, unless it sets them itself
 * @param shmBytes size of a pod's {@code /dev/shm}
 * @param privilegedHostDevices whether privileged containers get the host's devices
 * @param cgroupWritable whether unprivileged containers may change their own cgroup
 * @param pidsLimit of a container that names none; 0 for none
 * @param deviceOwnership whether devices given by the request belong to the user and group that it names, rather than to whom they
 *     belong on the host
 */
public record Settings(
        List<Limit> limits,
        Map<String, String> sysctls,
        long shmBytes,
        boolean privilegedHostDevices,
        boolean cgroupWritable,
        long pidsLimit,
        boolean deviceOwnership) {
    /** One resource limit; -1 for no limit. */
    public record Limit(Rlimit kind, long soft, long hard) {}

    /**
     * A soft limit of 1,024 files, because programs use select(2) or close every number there is; a hard one that those who know
     * better can go up to. Unprivileged ports and ping as other runtimes have them.
     */
    public static final Settings DEFAULT = new Settings(
            List.of(new Limit(Rlimit.NOFILE, 1024, 524_288)),
            Map.of("net.ipv4.ip_unprivileged_port_start", "0", "net.ipv4.ping_group_range", "0 2147483647"),
            64L << 20,
            true,
            false,
            0,
            false);

    public Settings {
        limits = List.copyOf(limits);
        sysctls = Map.copyOf(sysctls);
    }

    /** The same with other answers to what runtime handlers differ in. */
    public Settings with(boolean hostDevices, boolean writableCgroup) {
        return new Settings(limits, sysctls, shmBytes, hostDevices, writableCgroup, pidsLimit, deviceOwnership);
    }

    /** The same with what is configured for the containers of all handlers. */
    public Settings forContainers(long pids, boolean ownDevices) {
        return new Settings(limits, sysctls, shmBytes, privilegedHostDevices, cgroupWritable, pids, ownDevices);
    }
}
