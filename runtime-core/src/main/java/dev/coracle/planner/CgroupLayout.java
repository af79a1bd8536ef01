package dev.coracle.planner;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** How the host mounts its control groups. Paths are absolute, without a slash at the end. */
public sealed interface CgroupLayout {
    /**
     * One hierarchy with everything.
     *
     * @param root where it is mounted: {@code /sys/fs/cgroup}
     * @param controllers those in the root's {@code cgroup.controllers}
     */
    record V2(String root, Set<String> controllers) implements CgroupLayout {
        public V2 {
            controllers = Set.copyOf(controllers);
        }
    }

    /**
     * A hierarchy for each controller.
     *
     * @param mounts controller, or {@code name=systemd}, to where it is mounted; several may share one
     */
    record V1(Map<String, String> mounts) implements CgroupLayout {
        public V1 {
            mounts = Collections.unmodifiableSortedMap(new TreeMap<>(mounts));
        }
    }

    /**
     * Controllers as in {@link V1}, and beside them a hierarchy of version 2 without any: processes can be born into it, and
     * killed by it.
     *
     * @param unified where that one is mounted: {@code /sys/fs/cgroup/unified}
     */
    record Hybrid(Map<String, String> mounts, String unified) implements CgroupLayout {
        public Hybrid {
            mounts = Collections.unmodifiableSortedMap(new TreeMap<>(mounts));
        }
    }

    /** Version 1 hierarchies: controller to mount point, by name; none on {@link V2}. */
    default Map<String, String> hierarchies() {
        return switch (this) {
            case V2 v2 -> Map.of();
            case V1 v1 -> v1.mounts();
            case Hybrid hybrid -> hybrid.mounts();
        };
    }

    /** Where each version 1 hierarchy is mounted, once, in order. */
    default Set<String> mountPoints() {
        return new TreeSet<>(hierarchies().values());
    }

    /** Whether limits of this controller can be set at all. */
    default boolean has(String controller) {
        return switch (this) {
            case V2 v2 -> v2.controllers().contains(controller);
            case V1 v1 -> v1.mounts().containsKey(controller);
            case Hybrid hybrid -> hybrid.mounts().containsKey(controller);
        };
    }
}
