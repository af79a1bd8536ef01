package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.shim.Reconnected;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodEvent;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import dev.coracle.store.Epitaph;
import dev.coracle.store.StoredPod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a daemon does before it serves: finds the pods of the one before it, and goes on where that one stopped. Whether a shim lives is asked
 * of its lock, not of a pid. A pod that cannot be read is left alone, and its name with it. Runs once, in one thread and one more for
 * each pod.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** Serving begins after that at the latest; what is not settled then goes on being settled. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Site site;
    private final Node node;
    private final Operations operations;

    Recovery(Site site, Operations operations) {
        this.site = site;
        this.node = site.node();
        this.operations = operations;
    }

    /**
     * Finds all pods.
     *
     * @param sameBoot whether the run directory is of this boot; else nothing in it runs any more
     */
    void run(boolean sameBoot) {
        List<Pod> pods = new ArrayList<>();
        for (PodId id : node.records().pods()) {
            load(id, sameBoot).ifPresent(pods::add);
        }
        raise(pods);
        pods.forEach(this::publish);
        settle(pods);
    }

    private Optional<Pod> load(PodId id, boolean sameBoot) {
        try {
            StoredPod stored = node.records().load(id);
            View view = View.of(stored.pod(), stored.containers());
            Pod pod = new Pod(view, node.records(), site.announcements());
            if (sameBoot) {
                pod.change(Recovery::inherit);
            } else {
                bury(pod);
            }
            return Optional.of(pod);
        } catch (NotFound e) {
            LOG.debug("pod {} was never begun, or is deleted", id, e);
        } catch (RuntimeFailure e) {
            LOG.error("{}; the pod is left alone", e.getMessage());
        }
        return Optional.empty();
    }

    /** Whoever wants what an earlier daemon was at waits until it is cleared away. */
    private static void inherit(Desk desk) {
        switch (desk.pod().state()) {
            case PodState.Creating _ -> {
                desk.save(desk.pod().doom());
                desk.inherit(Task.run());
            }
            case PodState.Stopping _ -> desk.inherit(Task.stop());
            case PodState.Removing _ -> desk.inherit(Task.remove());
            case PodState.Ready _, PodState.NotReady _ -> {}
        }
        desk.containers().forEach(container -> inherit(desk, container));
    }

    private static void inherit(Desk desk, ContainerRecord container) {
        switch (container.state()) {
            case ContainerState.Creating _ -> {
                desk.save(container.on(new ContainerEvent.RemoveAsked()));
                desk.inherit(Task.remove(container.id()));
            }
            case ContainerState.Removing _ -> desk.inherit(Task.remove(container.id()));
            case ContainerState.Starting _ -> desk.inherit(Task.start(container.id()));
            case ContainerState.Stopping _ -> desk.inherit(Task.stop(container.id()));
            case ContainerState.Created _, ContainerState.Running _, ContainerState.Exited _ -> {}
        }
    }

    /** The node went down with it. */
    private void bury(Pod pod) {
        pod.change(desk -> {
            desk.save(desk.pod().on(new PodEvent.Rebooted(null)));
            for (ContainerRecord container : desk.containers()) {
                if (Exits.isLive(container)) {
                    desk.save(container.on(new ContainerEvent.Ended(0, unseen())));
                } else if (container.state() instanceof ContainerState.Creating) {
                    desk.save(container.on(new ContainerEvent.RemoveAsked()));
                    desk.inherit(Task.remove(container.id()));
                } else if (container.state() instanceof ContainerState.Removing) {
                    desk.inherit(Task.remove(container.id()));
                }
            }
        });
    }

    private Outcome unseen() {
        return Outcome.unknown(node.clock().realtime(), "the node was restarted");
    }

    /** Pods of earlier boots come back as what is remembered of them. One of this boot that has no records was removed. */
    private void raise(List<Pod> pods) {
        for (Epitaph epitaph : node.epitaphs().read()) {
            PodId id = epitaph.pod().id();
            if (node.records().pods().contains(id)) {
                continue;
            }
            if (epitaph.boot().equals(node.boot())) {
                node.epitaphs().forget(id);
            } else {
                raise(epitaph).ifPresent(pods::add);
            }
        }
    }

    private Optional<Pod> raise(Epitaph epitaph) {
        try {
            PodRecord pod = epitaph.pod();
            node.records().begin(pod);
            node.records().save(pod);
            for (ContainerRecord container : epitaph.containers()) {
                node.records().begin(container);
                node.records().save(container);
            }
            return load(pod.id(), false);
        } catch (RuntimeFailure e) {
            LOG.error("remember pod {}: {}", epitaph.pod().id(), e.getMessage());
            return Optional.empty();
        }
    }

    private void publish(Pod pod) {
        site.table().adopt(pod);
        site.memory().saw(pod.view());
        for (ContainerRecord container : pod.view().containers()) {
            try {
                node.roots()
                        .lease(
                                container.id(),
                                container.image().id(),
                                container.image().volumeIds());
            } catch (RuntimeFailure e) {
                LOG.warn("keep the image of container {}: {}", container.id(), e.getMessage());
            }
        }
        site.memory().note(pod);
    }

    private void settle(List<Pod> pods) {
        CountDownLatch left = new CountDownLatch(pods.size());
        for (Pod pod : pods) {
            Thread.ofVirtual().name("recover pod " + pod.id()).start(() -> {
                try {
                    settle(pod, left);
                } catch (RuntimeException e) {
                    LOG.error("recover pod {}", pod.id(), e);
                }
            });
        }
        try {
            if (!left.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("{} of {} pods are still being recovered", left.getCount(), pods.size());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void settle(Pod pod, CountDownLatch left) {
        AtomicBoolean counted = new AtomicBoolean();
        Runnable visible = () -> {
            if (counted.compareAndSet(false, true)) {
                left.countDown();
            }
        };
        try {
            Optional<Reconnected> found =
                    node.shims().reconnect(pod.id(), node.paths().pod(pod.id()));
            if (found.isPresent()) {
                pod.connected(found.get().shim());
                if (!found.get().plans().isEmpty()) {
                    visible.run(); // it may take long, and nobody can see what it is about
                    operations.adoption().endPlans(found.get());
                }
                operations.adoption().settle(pod, found.get());
            } else {
                operations.adoption().settleDead(pod);
            }
        } finally {
            visible.run();
        }
        operations.goOn(pod, pod.shim().isPresent());
    }
}
