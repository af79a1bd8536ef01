package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodCall;
import dev.coracle.state.PodEvent;
import dev.coracle.state.PodLifecycle;
import dev.coracle.state.PodState;
import dev.coracle.state.PodState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * StopPodSandbox: kills the containers at the same time, releases the network, takes down the rest. A pod that is still being made is
 * doomed instead, and whoever makes it undoes it.
 */
final class StopPod {
    private static final Logger LOG = LoggerFactory.getLogger(StopPod.class);

    /** How long a network plugin may go on before it is killed. */
    private static final Duration PLUGIN_PATIENCE = Duration.ofSeconds(10);

    private final Undoing undoing;
    private final Memory memory;
    private final StopContainer stop;

    StopPod(Site site, StopContainer stop) {
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.stop = stop;
    }

    /** Returns when nothing of the pod runs, and the kernel and the network have nothing of it. */
    void stop(Pod pod, Cancellation cancellation) {
        while (true) {
            switch (pod.locked(StopPod::turn)) {
                case Turn.Nothing _, Turn.First _ -> {
                    return;
                }
                case Turn.Mine(var work) -> {
                    pod.carryOutAside(work, () -> takeDown(pod));
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Theirs(var work) -> {
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Doomed(var work) -> DoomedWork.await(pod, work, PLUGIN_PATIENCE, cancellation);
            }
        }
    }

    private static Turn turn(Desk desk) {
        if (desk.gone()) {
            return Turn.NOTHING;
        }
        PodState state = desk.pod().state();
        return switch (PodLifecycle.answer(state, desk.pod().doomed(), PodCall.STOP)) {
            case DO -> {
                desk.on(new PodEvent.StopAsked());
                yield new Turn.Mine(desk.begin(Task.stop()));
            }
            case DOOM -> {
                desk.save(desk.pod().doom());
                yield new Turn.Doomed(desk.knownWork(Task.run()));
            }
            case JOIN -> join(desk, state);
            case REFUSE, SHORTEN -> throw new IllegalStateException("no state refuses a stop: " + state);
        };
    }

    private static Turn join(Desk desk, PodState state) {
        return switch (state) {
            case PodState.Creating _ -> new Turn.Doomed(desk.knownWork(Task.run()));
            case PodState.Stopping _ -> Turn.joinOrBegin(desk, Task.stop());
            case PodState.Removing _ ->
                desk.work(Task.remove()).<Turn>map(Turn.Theirs::new).orElse(Turn.NOTHING);
            case PodState.Ready _, PodState.NotReady _ -> Turn.NOTHING;
        };
    }

    /** Does what {@code Stopping} says, from the phase it is in; the caller has begun it. */
    void takeDown(Pod pod) {
        try {
            while (pod.view().pod().state() instanceof PodState.Stopping(Phase phase, var _)) {
                PodEvent done = finish(pod, phase);
                pod.change(desk -> desk.on(done));
            }
        } catch (RuntimeException e) {
            LOG.warn("stop pod {}: {}", pod.id(), e.getMessage());
            pod.change(desk -> desk.on(new PodEvent.StopFailed(String.valueOf(e.getMessage()))));
            throw e;
        } finally {
            memory.note(pod);
        }
    }

    private PodEvent finish(Pod pod, Phase phase) {
        return switch (phase) {
            case KILLING -> {
                killAll(pod);
                yield new PodEvent.Killed();
            }
            case DETACHING -> {
                undoing.network(pod);
                yield new PodEvent.Detached();
            }
            case DISMANTLING -> {
                undoing.kernel(pod);
                yield new PodEvent.Dismantled();
            }
        };
    }

    /** The slowest decides how long it takes; all have ended, or have been tried, when it returns. */
    private void killAll(Pod pod) {
        List<CompletableFuture<Void>> kills = new ArrayList<>();
        for (ContainerRecord container : pod.view().containers()) {
            kills.add(killAside(pod, container.id()));
        }
        Optional<CompletionException> failure = Optional.empty();
        for (CompletableFuture<Void> kill : kills) {
            try {
                kill.join();
            } catch (CompletionException e) {
                failure = Optional.of(e);
            }
        }
        if (failure.isPresent()) {
            throw failure.get().getCause() instanceof RuntimeException cause ? cause : failure.get();
        }
    }

    private CompletableFuture<Void> killAside(Pod pod, ContainerId id) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().name("kill container " + id).start(() -> {
            try {
                stop.stop(pod, id, Duration.ZERO, Cancellation.NEVER);
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
