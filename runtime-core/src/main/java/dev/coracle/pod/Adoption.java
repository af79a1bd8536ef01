package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.shim.Exit;
import dev.coracle.shim.Reconnected;
import dev.coracle.shim.Running;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a pod's records up to what its shim says, or to what the death of its shim means. Free of state; one thread for each pod, which
 * has begun the work in question.
 */
final class Adoption {
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

    /** How long a plan of an earlier daemon may go on: it may be a network plugin in the middle of its work. */
    private static final Duration PLAN_PATIENCE = Duration.ofSeconds(10);

    private final Clock clock;
    private final ExitFiles files;
    private final Undoing undoing;
    private final Memory memory;
    private final Exits exits;

    Adoption(Site site, Exits exits) {
        this.clock = site.node().clock();
        this.files = new ExitFiles(site.node().paths());
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.exits = exits;
    }

    /** Nothing that an earlier daemon has asked for is under way any more when this returns. */
    void endPlans(Reconnected found) {
        for (long plan : found.plans()) {
            endPlan(found.shim(), plan);
        }
    }

    private static void endPlan(Shim shim, long plan) {
        Thread impatience = Thread.ofVirtual().name("end plan " + plan).start(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(PLAN_PATIENCE.toNanos());
                shim.kill(plan);
            } catch (InterruptedException | RuntimeFailure e) {
                LOG.debug("plan {} needs no end", plan, e);
            }
        });
        try {
            shim.await(plan);
        } catch (RuntimeFailure e) {
            LOG.debug("plan {} of an earlier daemon failed", plan, e);
        } finally {
            impatience.interrupt();
        }
    }

    /** What the shim lives to tell. */
    void settle(Pod pod, Reconnected found) {
        Map<String, Exit> ended = found.exits().stream().collect(Collectors.toMap(Exit::id, Function.identity()));
        Set<String> running = found.running().stream().map(Running::id).collect(Collectors.toSet());
        for (ContainerRecord container : pod.view().containers()) {
            String id = container.id().value();
            if (container.state() instanceof ContainerState.Starting) {
                settleStart(pod, container.id(), found.shim().running(id), Optional.ofNullable(ended.get(id)));
            } else if (ran(container) && !running.contains(id) && !ended.containsKey(id)) {
                exits.ended(pod, container.id(), lost("the pod's shim knows nothing of it"));
            }
        }
        ended.values().forEach(exit -> exits.apply(pod, exit));
    }

    private static boolean ran(ContainerRecord container) {
        return container.state() instanceof ContainerState.Running
                || container.state() instanceof ContainerState.Stopping;
    }

    private void settleStart(Pod pod, ContainerId id, Optional<Running> running, Optional<Exit> ended) {
        Optional<Instant> started = running.map(Running::started).or(() -> ended.map(Exit::started));
        if (started.isPresent()) {
            started(pod, id, started.get());
        } else {
            undoing.leftovers(pod, id);
            Outcome outcome = Outcome.startError(clock.realtime(), "the daemon was restarted during the start");
            pod.change(desk -> desk.on(id, new ContainerEvent.StartFailed(outcome)));
        }
        finish(pod, Task.start(id));
        memory.note(pod);
    }

    private static void started(Pod pod, ContainerId id, Instant at) {
        pod.change(desk -> desk.on(id, new ContainerEvent.Started(Clock.nanos(at))));
    }

    /** The shim is dead: what it had seen is in its files, what else ran has ended unseen, or is killed now by its groups. */
    void settleDead(Pod pod) {
        for (ContainerRecord container : pod.view().containers()) {
            if (Exits.isLive(container)) {
                Optional<Exit> seen = files.read(pod.id(), container.id());
                finish(pod, Task.start(container.id()));
                exits.ended(pod, container.id(), seen.map(Exits::event).orElseGet(() -> lost("the pod's shim died")));
            } else if (container.state() instanceof ContainerState.Removing
                    && !pod.view().pod().dismantled()) {
                undoing.leftovers(pod, container.id());
            }
        }
    }

    private ContainerEvent.Ended lost(String message) {
        return new ContainerEvent.Ended(0, Outcome.unknown(clock.realtime(), message));
    }

    /** Ends the work that recovery has begun for an earlier daemon; that of a thread which still is at it is left alone. */
    private static void finish(Pod pod, Task task) {
        pod.locked(desk -> desk.work(task)).filter(Work::inherited).ifPresent(work -> pod.finish(work, null));
    }
}
