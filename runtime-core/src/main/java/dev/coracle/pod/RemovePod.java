package dev.coracle.pod;

import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodCall;
import dev.coracle.state.PodEvent;
import dev.coracle.state.PodLifecycle;
import dev.coracle.state.PodState;

/** RemovePodSandbox: stops the pod where necessary, then forgets its containers, and last the pod itself. */
final class RemovePod {
    private final Undoing undoing;
    private final Memory memory;
    private final StopPod stop;
    private final RemoveContainer remove;

    RemovePod(Site site, StopPod stop, RemoveContainer remove) {
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.stop = stop;
        this.remove = remove;
    }

    /** Returns when there is no such pod. */
    void remove(Pod pod, Cancellation cancellation) {
        while (true) {
            switch (pod.locked(RemovePod::turn)) {
                case Turn.Nothing _ -> {
                    return;
                }
                case Turn.Mine(var work) -> {
                    pod.carryOutAside(work, () -> takeAway(pod));
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.Theirs(var work) -> {
                    pod.join(work, cancellation);
                    return;
                }
                case Turn.First _, Turn.Doomed _ -> stop.stop(pod, cancellation);
            }
        }
    }

    private static Turn turn(Desk desk) {
        if (desk.gone()) {
            return Turn.NOTHING;
        }
        PodState state = desk.pod().state();
        return switch (PodLifecycle.answer(state, desk.pod().doomed(), PodCall.REMOVE)) {
            case DO -> {
                if (!desk.pod().dismantled()) {
                    yield Turn.FIRST;
                }
                desk.on(new PodEvent.RemoveAsked());
                yield new Turn.Mine(desk.begin(Task.remove()));
            }
            case DOOM -> Turn.FIRST;
            case JOIN -> state instanceof PodState.Creating ? Turn.FIRST : Turn.joinOrBegin(desk, Task.remove());
            case REFUSE, SHORTEN -> throw new IllegalStateException("no state refuses a removal: " + state);
        };
    }

    /** Does what {@code Removing} says; the caller has begun it. */
    void takeAway(Pod pod) {
        try {
            for (ContainerRecord container : pod.view().containers()) {
                remove.remove(pod, container.id(), Cancellation.NEVER);
            }
            undoing.forget(pod);
            memory.podGone(pod.view().pod());
        } catch (RuntimeException e) {
            pod.change(desk -> desk.on(new PodEvent.RemoveFailed()));
            throw e;
        }
    }
}
