package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.TimedOut;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.Signal;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.ContainerState.Stopping;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * StopContainer: one thread for each container sends the signal, once, and kills at the deadline; calls only bring that deadline forward
 * and wait. Who goes away ends his own waiting.
 */
final class StopContainer {
    private static final Logger LOG = LoggerFactory.getLogger(StopContainer.class);

    /** What has not ended that long after SIGKILL is reported. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration LONGEST = Duration.ofDays(3650);

    private final Clock clock;
    private final Plans plans;
    private final Undoing undoing;

    StopContainer(Site site) {
        this.clock = site.node().clock();
        this.plans = site.plans();
        this.undoing = site.undoing();
    }

    /**
     * Returns when the container does not run.
     *
     * @param grace how long after the signal it is killed; at once where zero or less
     */
    void stop(Pod pod, ContainerId id, Duration grace, Cancellation cancellation) {
        Duration patience = grace.compareTo(LONGEST) > 0 ? LONGEST : grace;
        while (true) {
            long deadline = clock.monotonic() + patience.toNanos();
            switch (pod.locked(desk -> turn(desk, id, deadline))) {
                case Turn.Nothing _ -> {
                    return;
                }
                case Turn.Mine(var work) -> {
                    pod.carryOutAside(work, () -> signalAndWait(pod, id, patience.isPositive()));
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Theirs(var work) -> {
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Doomed(var work) -> DoomedWork.await(pod, work, patience, cancellation);
                case Turn.First _ -> resume(pod, id);
            }
        }
    }

    private Turn turn(Desk desk, ContainerId id, long deadline) {
        Optional<ContainerRecord> container = desk.container(id);
        if (container.isEmpty()) {
            return Turn.NOTHING;
        }
        ContainerState state = container.get().state();
        ContainerEvent asked = new ContainerEvent.StopAsked(clock.realtime(), deadline);
        return switch (ContainerLifecycle.answer(state, ContainerCall.STOP)) {
            case DO -> {
                desk.on(id, asked);
                yield new Turn.Mine(desk.begin(Task.stop(id)));
            }
            case SHORTEN -> {
                desk.on(id, asked);
                yield desk.work(Task.stop(id)).<Turn>map(Turn.Theirs::new).orElse(Turn.FIRST);
            }
            case DOOM -> doom(desk, id, state);
            case JOIN ->
                state instanceof ContainerState.Removing
                        ? desk.work(Task.remove(id)).<Turn>map(Turn.Theirs::new).orElse(Turn.NOTHING)
                        : Turn.NOTHING;
            case REFUSE -> throw new IllegalStateException("no state refuses a stop: " + state);
        };
    }

    private static Turn doom(Desk desk, ContainerId id, ContainerState state) {
        boolean creating = state instanceof ContainerState.Creating;
        if (creating) {
            desk.on(id, new ContainerEvent.RemoveAsked());
        }
        return desk.work(creating ? Task.create(id) : Task.start(id))
                .<Turn>map(Turn.Doomed::new)
                .orElse(Turn.NOTHING);
    }

    /** Goes on with a stop that failed, or that an earlier daemon has begun: the signal was sent then. */
    void resume(Pod pod, ContainerId id) {
        if (pod.locked(desk -> Turn.joinOrBegin(desk, Task.stop(id))) instanceof Turn.Mine(var work)) {
            pod.carryOutAside(work, () -> waitAndKill(pod, id));
        }
    }

    private void signalAndWait(Pod pod, ContainerId id, boolean gently) {
        if (gently) {
            pod.view().container(id).ifPresent(container -> signal(pod, container));
        }
        waitAndKill(pod, id);
    }

    private static void signal(Pod pod, ContainerRecord container) {
        Signal signal = container.stopSignal();
        try {
            pod.liveShim().signal(container.id().value(), signal.number());
        } catch (NotFound _) {
            LOG.debug("container {} ended before it was signalled", container.id());
        } catch (Unavailable e) {
            LOG.warn("signal container {}: {}; it is killed at its deadline", container.id(), e.getMessage());
        }
    }

    /** The deadline may come nearer at any time. */
    void waitAndKill(Pod pod, ContainerId id) {
        for (Optional<Stopping> state = stopping(pod.view(), id); state.isPresent(); state = stopping(pod.view(), id)) {
            Stopping now = state.get();
            long left = now.deadline() - clock.monotonic();
            if (now.killing() || left <= 0) {
                kill(pod, id);
                return;
            }
            pod.await(
                    desk -> desk.container(id)
                            .map(ContainerRecord::state)
                            .filter(now::equals)
                            .isEmpty(),
                    left,
                    Cancellation.NEVER);
        }
    }

    private static Optional<Stopping> stopping(View view, ContainerId id) {
        return view.container(id)
                .map(ContainerRecord::state)
                .filter(Stopping.class::isInstance)
                .map(Stopping.class::cast);
    }

    private void kill(Pod pod, ContainerId id) {
        pod.change(desk -> desk.container(id)
                .filter(container -> container.state() instanceof Stopping)
                .ifPresent(container -> desk.save(container.on(new ContainerEvent.KillBegun()))));
        String title = "stop container " + name(pod, id);
        try {
            undoing.shim(pod).execute(plans.kill(pod.view().pod(), id), PATIENCE.multipliedBy(2));
        } catch (KernelFailure e) {
            throw new TimedOut(title, "it does not die: " + e.getMessage());
        } catch (Unavailable e) {
            LOG.warn("{}: {}", title, e.getMessage());
        }
        if (!pod.await(desk -> ended(desk, id), PATIENCE.toNanos(), Cancellation.NEVER)) {
            throw new TimedOut(title, "all its processes were killed, and the pod's shim has not told so in 10 s");
        }
    }

    private static boolean ended(Desk desk, ContainerId id) {
        return desk.container(id)
                .map(container -> !(container.state() instanceof Stopping))
                .orElse(true);
    }

    private static String name(Pod pod, ContainerId id) {
        return pod.view()
                .container(id)
                .map(container -> container.spec().metadata().name())
                .orElse(id.value());
    }
}
