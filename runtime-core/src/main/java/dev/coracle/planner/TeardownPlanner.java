package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.plan.EntryType;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.GroupOp;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Plan;
import dev.coracle.plan.Slot;
import dev.coracle.plan.UmountFlag;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.NamespaceMode;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Plans the undoing of everything that the other plans do, from what a record says may exist. Each may be run at any time and
 * any number of times: what is not there is no failure. It serves a failed start as it does a stop, a removal, and recovery after
 * a crash. Immutable; any thread.
 */
public final class TeardownPlanner {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Host host;

    public TeardownPlanner(Host host) {
        this.host = host;
    }

    /**
     * Kills what runs in a container and in every exec of it. Fails with ETIMEDOUT, naming a process and where it waits, if some
     * of it has not ended after 10 s.
     */
    public Plan kill(PodPlace pod, ContainerId container) {
        Plan.Builder plan = Plan.titled("kill container");
        kill(plan, pod.group(host).child(container));
        return plan.build();
    }

    /** Kills a container, lets go of its mounts, and removes its control groups. */
    public Plan container(PodPlace pod, ContainerId container) {
        Plan.Builder plan = Plan.titled("remove container");
        remove(plan, pod.group(host).child(container));
        Kept.of(container).forEach(slot -> plan.host(new FileOp.Drop(slot)));
        return plan.build();
    }

    /**
     * Ends a pod: kills its containers and its init, lets go of its namespaces and of their pin, and removes the groups that
     * Coracle made. A group that the client named stays: it holds the client's limits. The network's release comes before.
     */
    public Plan pod(PodPlace pod, List<ContainerId> containers) {
        Plan.Builder plan = Plan.titled("stop " + pod.spec().metadata().name());
        Group parent = pod.group(host);
        for (ContainerId container : containers) {
            remove(plan, parent.child(container));
            Kept.of(container).forEach(slot -> plan.host(new FileOp.Drop(slot)));
        }
        if (pod.spec().security().namespaces().pid() == NamespaceMode.POD) {
            remove(plan, parent.child(pod.id()));
        }
        unpin(plan, pod);
        Kept.ofPod().forEach(slot -> plan.host(new FileOp.Drop(slot)));
        forget(plan, pod, parent);
        return plan.build();
    }

    private static void kill(Plan.Builder plan, Group group) {
        plan.host(new GroupOp.KillAll(group.killable(), PATIENCE.toMillis()));
    }

    private static void remove(Plan.Builder plan, Group group) {
        kill(plan, group);
        group.directories().forEach(directory -> plan.host(new GroupOp.RemoveGroup(directory, PATIENCE.toMillis())));
    }

    /** The file may be there without its mount, after a crash between the two. */
    private static void unpin(Plan.Builder plan, PodPlace pod) {
        if (pod.spec().security().namespaces().hostNetwork()) {
            return;
        }
        Set<UmountFlag> flags = Set.of(UmountFlag.DETACH, UmountFlag.NOFOLLOW);
        plan.host(new MountOp.Umount(pod.netns(), flags), Errno.ENOENT, Errno.EINVAL);
        plan.host(new FileOp.Unlink(Slot.NONE, pod.netns(), EntryType.FILE), Errno.ENOENT);
    }

    /**
     * The version 2 side of a hybrid host is Coracle's own in any case: no client makes groups there, and it holds no limits.
     */
    private void forget(Plan.Builder plan, PodPlace pod, Group parent) {
        if (Group.isOwn(pod.spec().cgroupParent())) {
            parent.directories()
                    .forEach(directory -> plan.host(new GroupOp.RemoveGroup(directory, PATIENCE.toMillis())));
        } else if (host.cgroups() instanceof CgroupLayout.Hybrid hybrid) {
            plan.host(
                    new FileOp.Unlink(Slot.NONE, hybrid.unified() + parent.path(), EntryType.DIR),
                    Errno.ENOENT,
                    Errno.EBUSY,
                    Errno.ENOTEMPTY);
        }
    }
}
