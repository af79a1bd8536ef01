package dev.coracle.planner;

import dev.coracle.spec.MountSpec;

/** One mount of a container beside its root. */
sealed interface ContainerMount {
    /** Absolute path in the container, without symlinks considered. */
    String destination();

    /** The pid namespace's processes. */
    record Proc() implements ContainerMount {
        @Override
        public String destination() {
            return "/proc";
        }
    }

    /**
     * The kernel's objects, network devices those of the pod's network namespace.
     *
     * @param host the host's own mounts of it, instead of a new one
     */
    record Sysfs(boolean readonly, boolean host) implements ContainerMount {
        @Override
        public String destination() {
            return "/sys";
        }
    }

    /**
     * The control groups.
     *
     * @param whole those of the host instead of the container's own
     */
    record Cgroups(boolean readonly, boolean whole) implements ContainerMount {
        @Override
        public String destination() {
            return "/sys/fs/cgroup";
        }
    }

    /** A tmpfs with device nodes. */
    record Dev() implements ContainerMount {
        @Override
        public String destination() {
            return "/dev";
        }
    }

    /** The container's own terminals. */
    record Pts() implements ContainerMount {
        @Override
        public String destination() {
            return "/dev/pts";
        }
    }

    /** The ipc namespace's message queues. */
    record Mqueue() implements ContainerMount {
        @Override
        public String destination() {
            return "/dev/mqueue";
        }
    }

    /**
     * Shared memory.
     *
     * @param host the host's instead of the pod's
     */
    record Shm(boolean host) implements ContainerMount {
        @Override
        public String destination() {
            return "/dev/shm";
        }
    }

    /**
     * A file that the pod's containers share.
     *
     * @param name in the pod's directory
     */
    record PodFile(String name, String destination, boolean readonly) implements ContainerMount {}

    /**
     * A path that the image wants to write to. Its content is the container's own layer like all of its root, and goes with it.
     *
     * @param apart whether it needs a mount of its own, to stay writable where the root is not
     */
    record ImageVolume(String destination, boolean apart) implements ContainerMount {}

    /**
     * A volume that was asked for.
     *
     * @param index in the spec's list
     */
    record Volume(int index, MountSpec spec, String destination) implements ContainerMount {}
}
