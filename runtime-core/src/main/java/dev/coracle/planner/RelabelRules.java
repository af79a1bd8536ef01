package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.Set;

/** Which parts of the node may get the label of a container's files: it takes from others what they could do with them. */
public final class RelabelRules {
    /** Where nothing at all is a volume. */
    private static final Set<String> SYSTEM =
            Set.of("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys", "/usr");

    /** Where volumes are, each in a directory of its own. */
    private static final Set<String> SHARED = Set.of(
            "/",
            "/home",
            "/media",
            "/mnt",
            "/opt",
            "/root",
            "/run",
            "/srv",
            "/tmp",
            "/var",
            "/var/lib",
            "/var/lib/kubelet",
            "/var/lib/kubelet/pods",
            "/var/log",
            "/var/log/pods",
            "/var/run",
            "/var/tmp");

    private RelabelRules() {}

    /**
     * Refuses what others need as it is.
     *
     * @param path absolute, without symbolic links
     * @param field for the error
     */
    public static void check(String path, String field) {
        boolean system = SYSTEM.stream().anyMatch(directory -> ContainerPath.within(path, directory));
        if (system || SHARED.contains(path)) {
            throw new InvalidSpec(
                    field,
                    "refuses to give all of " + path
                            + " a container's label: the node's own programs need it as it is");
        }
    }
}
