package dev.coracle.state;

import dev.coracle.state.PodEvent.AttachBegun;
import dev.coracle.state.PodEvent.AttachDone;
import dev.coracle.state.PodEvent.Detached;
import dev.coracle.state.PodEvent.Dismantled;
import dev.coracle.state.PodEvent.Killed;
import dev.coracle.state.PodEvent.Rebooted;
import dev.coracle.state.PodEvent.RemoveAsked;
import dev.coracle.state.PodEvent.StopAsked;
import dev.coracle.state.PodEvent.StopFailed;
import dev.coracle.state.PodEvent.UndoFailed;
import dev.coracle.state.PodState.Creating;
import dev.coracle.state.PodState.Leftover;
import dev.coracle.state.PodState.NotReady;
import dev.coracle.state.PodState.Phase;
import dev.coracle.state.PodState.Ready;
import dev.coracle.state.PodState.Removing;
import dev.coracle.state.PodState.Step;
import dev.coracle.state.PodState.Stopping;
import org.jspecify.annotations.Nullable;

/** The two tables of a pod's life: what an event makes of a state, and what a call does in it. */
public final class PodLifecycle {
    private record At(PodState state, PodEvent event) {}

    private PodLifecycle() {}

    /**
     * The state after {@code event}.
     *
     * @throws IllegalStateException where the table has no entry, which is a bug of the caller
     */
    public static PodState next(PodState state, PodEvent event) {
        return switch (new At(state, event)) {
            case At(Creating(Step.Made _), AttachBegun _) -> new Creating(new Step.Attaching());
            case At(Creating(Step.Made _), PodEvent.Made _) -> new Ready(null);
            case At(Creating(Step.Attaching _), AttachDone(var got)) -> new Creating(new Step.Attached(got));
            case At(Creating(Step.Attached(var got)), PodEvent.Made _) -> new Ready(got);
            case At(Creating(var step), UndoFailed(var reason)) -> new NotReady(new Leftover(reason, got(step)));

            case At(Ready(var got), StopAsked _) -> new Stopping(Phase.KILLING, got);

            case At(Stopping stopping, StopAsked _) -> stopping;
            case At(Stopping(var phase, var got), Killed _)
            when phase == Phase.KILLING -> new Stopping(Phase.DETACHING, got);
            case At(Stopping(var phase, var _), Detached _)
            when phase == Phase.DETACHING -> new Stopping(Phase.DISMANTLING, null);
            case At(Stopping(var phase, var _), Dismantled _) when phase == Phase.DISMANTLING -> new NotReady(null);
            case At(Stopping(var _, var got), StopFailed(var reason)) -> new NotReady(new Leftover(reason, got));

            case At(NotReady(var leftover), StopAsked _)
            when leftover != null -> new Stopping(Phase.KILLING, leftover.attachment());
            case At(NotReady(var leftover), RemoveAsked _) when leftover == null -> new Removing();

            case At(Removing _, PodEvent.RemoveFailed _) -> new NotReady(null);

            case At(var _, Rebooted(var got)) ->
                new NotReady(got == null ? null : new Leftover("the node was restarted", got));
            case At(var _, var _) -> throw new IllegalStateException(event + " cannot happen in " + state);
        };
    }

    private static @Nullable Attachment got(Step step) {
        return step instanceof Step.Attached(Attachment attachment) ? attachment : null;
    }

    /** What {@code call} does with a pod in {@code state}. */
    public static Answer answer(PodState state, boolean doomed, PodCall call) {
        return switch (call) {
            case RUN -> run(state);
            case STOP -> stop(state, doomed);
            case REMOVE -> remove(state, doomed);
            case CREATE_CONTAINER, START_CONTAINER, PORT_FORWARD -> state instanceof Ready ? Answer.DO : Answer.REFUSE;
        };
    }

    private static Answer run(PodState state) {
        return switch (state) {
            case Creating _, Ready _ -> Answer.JOIN;
            case Stopping _, NotReady _, Removing _ -> Answer.REFUSE;
        };
    }

    private static Answer stop(PodState state, boolean doomed) {
        return switch (state) {
            case Creating _ -> doomed ? Answer.JOIN : Answer.DOOM;
            case Ready _ -> Answer.DO;
            case NotReady(var leftover) -> leftover == null ? Answer.JOIN : Answer.DO;
            case Stopping _, Removing _ -> Answer.JOIN;
        };
    }

    private static Answer remove(PodState state, boolean doomed) {
        return switch (state) {
            case Creating _ -> doomed ? Answer.JOIN : Answer.DOOM;
            case Ready _, Stopping _, NotReady _ -> Answer.DO;
            case Removing _ -> Answer.JOIN;
        };
    }
}
