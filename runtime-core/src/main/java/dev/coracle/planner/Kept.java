package dev.coracle.planner;

import dev.coracle.plan.Namespace;
import dev.coracle.plan.Slot;
import dev.coracle.spec.ContainerId;
import java.util.List;

/**
 * Names of the descriptors that a pod's shim keeps between plans. A container's begin with the first 12 digits of its id, which
 * tell the containers of one pod apart.
 */
public final class Kept {
    private static final int SHORT = 12;

    /** The pod's namespaces, where it has its own. */
    static final Slot NET = Slot.kept("pod", "net");

    static final Slot IPC = Slot.kept("pod", "ipc");
    static final Slot UTS = Slot.kept("pod", "uts");
    static final Slot PID = Slot.kept("pod", "pid");
    static final Slot USER = Slot.kept("pod", "user");
    /** The small mount namespace that the containers' own begin as. */
    static final Slot MNT = Slot.kept("pod", "mnt");

    private Kept() {}

    static List<Slot> ofPod() {
        return List.of(NET, IPC, UTS, PID, USER, MNT);
    }

    /** The pod's namespace of that kind. */
    static Slot namespace(Namespace kind) {
        return Slot.kept("pod", kind.keyword());
    }

    /** The overlay, from create to start. */
    public static Slot rootfs(ContainerId id) {
        return slot(id, "rootfs");
    }

    /** A pidfd of the main process. */
    static Slot main(ContainerId id) {
        return slot(id, "main");
    }

    /** The root of the container's devpts mount. */
    static Slot pts(ContainerId id) {
        return slot(id, "pts");
    }

    /** The directory of the control group that processes are born into. */
    static Slot cgroup(ContainerId id) {
        return slot(id, "cgroup");
    }

    static List<Slot> of(ContainerId id) {
        return List.of(rootfs(id), main(id), pts(id), cgroup(id));
    }

    private static Slot slot(ContainerId id, String name) {
        return Slot.kept(id.value().substring(0, SHORT), name);
    }
}
