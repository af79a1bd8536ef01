package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import java.time.Duration;
import java.util.Optional;

/** RemoveContainer: kills it where necessary, then takes away everything but its log. */
final class RemoveContainer {
    private final Clock clock;
    private final Undoing undoing;
    private final Memory memory;
    private final StopContainer stop;

    RemoveContainer(Site site, StopContainer stop) {
        this.clock = site.node().clock();
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.stop = stop;
    }

    /** Returns when there is no such container. */
    void remove(Pod pod, ContainerId id, Cancellation cancellation) {
        while (true) {
            switch (pod.locked(desk -> turn(desk, id))) {
                case Turn.Nothing _ -> {
                    return;
                }
                case Turn.Mine(var work) -> {
                    pod.carryOutAside(work, () -> takeAway(pod, id));
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Theirs(var work) -> {
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Doomed(var work) -> DoomedWork.await(pod, work, Duration.ZERO, cancellation);
                case Turn.First _ -> stop.stop(pod, id, Duration.ZERO, cancellation);
            }
        }
    }

    private static Turn turn(Desk desk, ContainerId id) {
        Optional<ContainerRecord> container = desk.container(id);
        if (container.isEmpty()) {
            return Turn.NOTHING;
        }
        ContainerState state = container.get().state();
        return switch (ContainerLifecycle.answer(state, ContainerCall.REMOVE)) {
            case DO -> {
                if (state instanceof ContainerState.Running) {
                    yield Turn.FIRST;
                }
                desk.on(id, new ContainerEvent.RemoveAsked());
                yield new Turn.Mine(desk.begin(Task.remove(id)));
            }
            case SHORTEN, DOOM -> Turn.FIRST;
            case JOIN ->
                desk.work(Task.create(id))
                        .<Turn>map(Turn.Doomed::new)
                        .orElseGet(() -> Turn.joinOrBegin(desk, Task.remove(id)));
            case REFUSE -> throw new IllegalStateException("no state refuses a removal: " + state);
        };
    }

    /** Does what {@code Removing} says; the caller has begun it. */
    void takeAway(Pod pod, ContainerId id) {
        Optional<ContainerRecord> container = pod.view().container(id);
        if (container.isEmpty()) {
            return;
        }
        try {
            undoing.container(pod, container.get());
            memory.containerGone(pod.view().pod(), container.get());
            memory.note(pod);
        } catch (RuntimeException e) {
            Outcome outcome = Outcome.unknown(clock.realtime(), String.valueOf(e.getMessage()));
            pod.change(desk -> desk.on(id, new ContainerEvent.RemoveFailed(outcome)));
            throw e;
        }
    }
}
