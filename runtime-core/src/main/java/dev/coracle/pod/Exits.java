package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.shim.Exit;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows the end of a container. Its log is written and the reason known when the shim tells; what it left behind is killed, and
 * then clients see that it has exited. Free of state; each end on a thread of its own.
 */
final class Exits {
    private static final Logger LOG = LoggerFactory.getLogger(Exits.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Undoing undoing;
    private final Memory memory;
    private final StopPod stop;

    Exits(Site site, StopPod stop) {
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.stop = stop;
    }

    /** Applies it, and lets the shim forget it. */
    void apply(Pod pod, Exit exit) {
        if (exit.id().equals(pod.id().value())) {
            initEnded(pod);
        } else {
            ended(pod, new ContainerId(exit.id()), event(exit));
        }
        acknowledge(pod, exit.id());
    }

    /** Everything in the pid namespace is dead with it. */
    private void initEnded(Pod pod) {
        if (!pod.view().pod().ready()) {
            return;
        }
        LOG.warn("the init of pod {} ended, and its containers with it: the pod is stopped", pod.id());
        try {
            stop.stop(pod, Cancellation.NEVER);
        } catch (RuntimeFailure e) {
            LOG.warn("stop pod {}: {}", pod.id(), e.getMessage());
        }
    }

    /** A start that is still being carried out ends first: it would keep descriptors of what is taken away here. */
    void ended(Pod pod, ContainerId id, ContainerEvent.Ended event) {
        pod.locked(desk -> desk.work(Task.start(id))).ifPresent(work -> pod.awaitEnd(work, Long.MAX_VALUE));
        if (!pod.view().container(id).map(Exits::isLive).orElse(false)) {
            return;
        }
        undoing.leftovers(pod, id);
        while (!note(pod, id, event)) {
            pod.await(_ -> false, AGAIN.toNanos(), Cancellation.NEVER);
        }
        memory.note(pod);
    }

    static boolean isLive(ContainerRecord container) {
        return switch (container.state()) {
            case ContainerState.Created _,
                    ContainerState.Starting _,
                    ContainerState.Running _,
                    ContainerState.Stopping _ -> true;
            case ContainerState.Creating _, ContainerState.Exited _, ContainerState.Removing _ -> false;
        };
    }

    /** False while the run directory is full: the container is not shown as exited before that is written. */
    private static boolean note(Pod pod, ContainerId id, ContainerEvent.Ended event) {
        try {
            pod.change(desk ->
                    desk.container(id).filter(Exits::isLive).ifPresent(container -> desk.save(container.on(event))));
            return true;
        } catch (Exhausted e) {
            LOG.warn("note the end of container {}: {}; tried again", id, e.getMessage());
            return false;
        }
    }

    private static void acknowledge(Pod pod, String id) {
        try {
            pod.shim().ifPresent(shim -> shim.acknowledge(id));
        } catch (RuntimeFailure e) {
            LOG.debug("the shim of pod {} tells of {} again when it is reached", pod.id(), id, e);
        }
    }

    static ContainerEvent.Ended event(Exit exit) {
        return new ContainerEvent.Ended(Clock.nanos(exit.started()), outcome(exit));
    }

    private static Outcome outcome(Exit exit) {
        Outcome outcome = Outcome.of(exit.code(), Clock.nanos(exit.at()), exit.oomKilled());
        if (exit.lostLogBytes() == 0) {
            return outcome;
        }
        String message = exit.lostLogBytes() + " bytes of its output could not be written to its log";
        return new Outcome(outcome.code(), outcome.finishedAt(), outcome.reason(), message);
    }
}
