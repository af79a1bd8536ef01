package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.UserNamespace;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a list of volumes must be like before anybody looks at the node. */
final class MountRules {
    private static final Set<String> OPTIONS = Set.of("noexec", "nodev", "nosuid");

    private MountRules() {}

    /**
     * Refuses what cannot be done, naming the field.
     *
     * @throws InvalidSpec if the mounts contradict themselves or each other
     */
    static void check(List<MountSpec> mounts, @Nullable UserNamespace pods) {
        Set<String> destinations = new HashSet<>();
        for (int i = 0; i < mounts.size(); i++) {
            String field = "mounts[" + i + "].";
            check(mounts.get(i), field);
            checkImage(mounts.get(i), pods, field);
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
        if (mount.uidMappings().isEmpty() != mount.gidMappings().isEmpty()) {
            String missing = mount.uidMappings().isEmpty() ? "uidMappings" : "gidMappings";
            throw new InvalidSpec(
                    field + missing, "is empty: ids of users and of groups are mapped together or not at all");
        }
        if (mount.image() == null && notAbsolute(mount.hostPath())) {
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

    private static void checkImage(MountSpec mount, @Nullable UserNamespace pods, String field) {
        if (mount.image() == null) {
            return;
        }
        if (!mount.hostPath().isEmpty()) {
            throw new InvalidSpec(field + "host_path", "is given together with image");
        }
        boolean mapped = !mount.uidMappings().isEmpty();
        if (mapped && !new UserNamespace(mount.uidMappings(), mount.gidMappings()).equals(pods)) {
            throw new InvalidSpec(field + "uidMappings", "differs from the pod's, by which its images are mapped");
        }
    }

    private static boolean notAbsolute(String path) {
        return !path.startsWith("/") || path.indexOf('\0') >= 0;
    }
}
