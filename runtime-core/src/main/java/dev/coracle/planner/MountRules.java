package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a list of volumes must be like before anybody looks at the node. */
final class MountRules {
    private static final Set<String> OPTIONS = Set.of("noexec", "nodev", "nosuid");

    private MountRules() {}

    /**
     * Refuses what cannot be done, naming the field.
     *
     * @throws InvalidSpec if the mounts contradict themselves or each other
     * @throws Unsupported if they are of a kind that is not provided
     */
    static void check(List<MountSpec> mounts) {
        Set<String> destinations = new HashSet<>();
        for (int i = 0; i < mounts.size(); i++) {
            String field = "mounts[" + i + "].";
            check(mounts.get(i), field);
            String destination = ContainerPath.clean(mounts.get(i).containerPath(), field + "container_path");
            if (destination.equals("/")) {
                throw new InvalidSpec(field + "container_path", "a volume cannot be the container's root");
            }
            if (!destinations.add(destination)) {
                throw new InvalidSpec(field + "container_path", "another volume is at " + destination + " already");
            }
        }
    }

    private static void check(MountSpec mount, String field) {
        if (mount.image() != null) {
            throw new Unsupported("mount image at " + mount.containerPath(), "image volumes are not provided");
        }
        if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
            throw new Unsupported("mount " + mount.hostPath(), "idmapped volumes are not provided");
        }
        if (!mount.hostPath().startsWith("/") || mount.hostPath().indexOf('\0') >= 0) {
            throw new InvalidSpec(field + "host_path", "\"" + mount.hostPath() + "\" is not an absolute path");
        }
        boolean possible = mount.readonly() && mount.propagation() == Propagation.PRIVATE;
        if (mount.recursiveReadonly() && !possible) {
            throw new InvalidSpec(
                    field + "recursive_read_only",
                    "needs readonly and private propagation: later mounts would be writable");
        }
        for (String option : mount.options()) {
            if (!OPTIONS.contains(option)) {
                throw new InvalidSpec(field + "mount_options", option + " is none of noexec, nodev, nosuid");
            }
        }
    }
}
