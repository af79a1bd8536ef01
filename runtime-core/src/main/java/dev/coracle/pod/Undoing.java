package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Plan;
import dev.coracle.shim.Reconnected;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes apart what was made, by the records alone: the same for a failure, a stop, a removal and what a crash left. Everything here may be
 * done again. Free of state; whoever calls has begun the work in question.
 */
final class Undoing {
    private static final Logger LOG = LoggerFactory.getLogger(Undoing.class);

    /** Killing takes 10 s at most, and so does each group that will not go. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final Duration FAREWELL_STEP = Duration.ofMillis(5);

    /** A plan drops at most 64 descriptors, and a container may have five. */
    private static final int CONTAINERS_PER_PLAN = 8;

    private final Node node;
    private final Plans plans;
    private final Networks networks;
    private final PodTable table;

    Undoing(Node node, Plans plans, Networks networks, PodTable table) {
        this.node = node;
        this.plans = plans;
        this.networks = networks;
        this.table = table;
    }

    /** The pod's shim, or a new one in its place: descriptors are lost with the old one, paths and groups are not. */
    Shim shim(Pod pod) {
        while (true) {
            Optional<Shim> shim = pod.shim();
            if (shim.isPresent()) {
                return shim.get();
            }
            switch (pod.locked(desk -> Turn.joinOrBegin(desk, Task.connect()))) {
                case Turn.Mine(var work) -> pod.carryOut(work, () -> pod.connected(openOrReconnect(pod)));
                case Turn.Theirs(var work) -> pod.join(work, Cancellation.NEVER);
                case Turn.Nothing _, Turn.First _, Turn.Doomed _ ->
                    throw new IllegalStateException("one connects, the others wait");
            }
        }
    }

    private Shim openOrReconnect(Pod pod) {
        Path directory = node.paths().pod(pod.id());
        try {
            Shim made = node.shims().open(pod.id(), directory);
            node.connections().orphaned(pod);
            return made;
        } catch (WrongState e) {
            // It lives, only the connection ended.
            Reconnected found = node.shims().reconnect(pod.id(), directory).orElseThrow(() -> e);
            found.exits().forEach(exit -> node.connections().exited(pod.id(), exit));
            return found.shim();
        }
    }

    /** Releases what the network gave a pod. */
    void network(Pod pod) {
        NetworkChecks.end(pod);
        networks.detach(pod.view().pod(), shim(pod));
    }

    /** Takes down what the kernel has of a pod, and ends its shim. */
    void kernel(Pod pod) {
        View view = pod.view();
        List<ContainerId> containers =
                view.containers().stream().map(ContainerRecord::id).toList();
        Shim shim = shim(pod);
        int before = Math.max(0, containers.size() - CONTAINERS_PER_PLAN);
        for (ContainerId container : containers.subList(0, before)) {
            shim.execute(plans.remove(view.pod(), container), PATIENCE);
        }
        shim.execute(plans.stop(view.pod(), containers.subList(before, containers.size())), PATIENCE);
        dismiss(pod, shim);
    }

    /** A process leaves its group a moment before its parent hears of its end; until then the shim has something to wait for. */
    private static void dismiss(Pod pod, Shim shim) {
        long deadline = System.nanoTime() + FAREWELL.toNanos();
        while (true) {
            try {
                shim.quit();
                return;
            } catch (WrongState e) {
                if (System.nanoTime() - deadline > 0) {
                    LOG.warn("the shim of pod {} stays: {}", pod.id(), e.getMessage());
                    return;
                }
                LockSupport.parkNanos(FAREWELL_STEP.toNanos());
            }
        }
    }

    /** Forgets a pod of which nothing is left, not even a shim that took the place of one that had died. */
    void forget(Pod pod) {
        pod.shim().ifPresent(shim -> dismiss(pod, shim));
        node.records().delete(pod.id());
        pod.end();
        table.forget(pod);
        pod.announceDeletion();
        node.epitaphs().forget(pod.id());
    }

    /** Kills what a container has left behind and removes its groups; a failure is only logged, as the removal tries again. */
    void leftovers(Pod pod, ContainerId container) {
        try {
            shim(pod).execute(plans.remove(pod.view().pod(), container), PATIENCE);
        } catch (RuntimeFailure e) {
            LOG.warn("clean up after container {}: {}", container, e.getMessage());
        }
        pod.view().container(container).ifPresent(record -> hooks(pod, record));
    }

    /** That a hook fails now is nobody's concern but the log's. */
    private void hooks(Pod pod, ContainerRecord container) {
        Optional<Plan> hooks = plans.afterEnd(pod.view().pod(), container);
        try {
            hooks.ifPresent(plan -> shim(pod).execute(plan, PATIENCE));
        } catch (RuntimeFailure e) {
            LOG.warn("{}: {}", hooks.map(Plan::title).orElse(""), e.getMessage());
        }
    }

    /** Takes down and forgets a container. A pod that is clean has nothing of it in the kernel. */
    void container(Pod pod, ContainerRecord container) {
        PodRecord record = pod.view().pod();
        pod.shim().ifPresent(shim -> shim.execute(plans.remove(record, container.id()), PATIENCE));
        node.layers().discard(container.id());
        node.roots().release(container.id());
        node.records().delete(container);
        pod.change(desk -> desk.drop(container.id()));
        table.forget(container.id());
    }
}
