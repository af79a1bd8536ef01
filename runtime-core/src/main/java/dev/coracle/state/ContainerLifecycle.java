package dev.coracle.state;

import dev.coracle.state.ContainerEvent.Ended;
import dev.coracle.state.ContainerEvent.KillBegun;
import dev.coracle.state.ContainerEvent.Made;
import dev.coracle.state.ContainerEvent.RemoveAsked;
import dev.coracle.state.ContainerEvent.RemoveFailed;
import dev.coracle.state.ContainerEvent.StartAsked;
import dev.coracle.state.ContainerEvent.StartFailed;
import dev.coracle.state.ContainerEvent.Started;
import dev.coracle.state.ContainerEvent.StopAsked;
import dev.coracle.state.ContainerState.Created;
import dev.coracle.state.ContainerState.Creating;
import dev.coracle.state.ContainerState.Exited;
import dev.coracle.state.ContainerState.Removing;
import dev.coracle.state.ContainerState.Running;
import dev.coracle.state.ContainerState.Starting;
import dev.coracle.state.ContainerState.Stopping;

/** The two tables of a container's life: what an event makes of a state, and what a call does in it. */
public final class ContainerLifecycle {
    private record At(ContainerState state, ContainerEvent event) {}

    private ContainerLifecycle() {}

    /**
     * The state after {@code event}.
     *
     * @throws IllegalStateException where the table has no entry, which is a bug of the caller
     */
    public static ContainerState next(ContainerState state, ContainerEvent event) {
        return switch (new At(state, event)) {
            case At(Creating _, Made(var prepared)) -> new Created(prepared);
            case At(Creating creating, RemoveAsked _) -> new Removing(creating);

            case At(Created(var prepared), StartAsked _) -> new Starting(prepared);
            case At(Created(var prepared), Ended(var _, var outcome)) -> new Exited(prepared, 0, outcome);
            case At(Created created, RemoveAsked _) -> new Removing(created);

            case At(Starting(var prepared), Started(var at)) -> new Running(prepared, at);
            case At(Starting(var prepared), StartFailed(var outcome)) -> new Exited(prepared, 0, outcome);
            // A daemon was restarted in between.
            case At(Starting(var prepared), Ended ended) ->
                exited(prepared, ended.outcome().finishedAt(), ended);

            case At(Running(var prepared, var started), StopAsked(var at, var deadline)) ->
                new Stopping(prepared, started, at, deadline, false);
            case At(Running(var prepared, var started), Ended ended) -> exited(prepared, started, ended);

            case At(Stopping stopping, StopAsked(var _, var deadline)) -> shortened(stopping, deadline);
            case At(Stopping stopping, KillBegun _) -> killing(stopping);
            case At(Stopping stopping, Ended ended) -> exited(stopping.prepared(), stopping.startedAt(), ended);

            case At(Exited exited, Ended _) -> exited;
            case At(Exited exited, RemoveAsked _) -> new Removing(exited);
            case At(Removing removing, Ended _) -> removing;
            case At(Removing(Creating _), RemoveFailed(var outcome)) -> new Exited(null, 0, outcome);
            case At(Removing(var before), RemoveFailed _) -> before;
            case At(var _, var _) -> throw new IllegalStateException(event + " cannot happen in " + state);
        };
    }

    /**
     * The shim knows best when it started: whoever waited for the start may have learnt of it only after the end. A process that ended
     * at once is seen by the shim itself to have started only afterwards.
     */
    private static Exited exited(Prepared prepared, long believed, Ended ended) {
        long started = ended.startedAt() > 0 ? ended.startedAt() : believed;
        return new Exited(prepared, Math.min(started, ended.outcome().finishedAt()), ended.outcome());
    }

    private static Stopping shortened(Stopping s, long deadline) {
        // Differences, because the clock's zero is anywhere.
        long earlier = deadline - s.deadline() < 0 ? deadline : s.deadline();
        return new Stopping(s.prepared(), s.startedAt(), s.signalledAt(), earlier, s.killing());
    }

    private static Stopping killing(Stopping s) {
        return new Stopping(s.prepared(), s.startedAt(), s.signalledAt(), s.deadline(), true);
    }

    /** What {@code call} does in {@code state}. */
    public static Answer answer(ContainerState state, ContainerCall call) {
        return switch (call) {
            case CREATE -> state instanceof Removing ? Answer.REFUSE : Answer.JOIN;
            case START -> start(state);
            case STOP -> stop(state);
            case REMOVE -> remove(state);
            case EXEC -> exec(state);
            case REOPEN_LOG -> reopenLog(state);
            case UPDATE -> update(state);
        };
    }

    private static Answer start(ContainerState state) {
        return switch (state) {
            case Created _ -> Answer.DO;
            case Starting _ -> Answer.JOIN;
            case Creating _, Running _, Stopping _, Exited _, Removing _ -> Answer.REFUSE;
        };
    }

    private static Answer stop(ContainerState state) {
        return switch (state) {
            case Creating _, Starting _ -> Answer.DOOM;
            case Running _ -> Answer.DO;
            case Stopping _ -> Answer.SHORTEN;
            case Created _, Exited _, Removing _ -> Answer.JOIN;
        };
    }

    private static Answer remove(ContainerState state) {
        return switch (state) {
            case Creating _, Starting _ -> Answer.DOOM;
            case Created _, Running _, Exited _ -> Answer.DO;
            case Stopping _ -> Answer.SHORTEN;
            case Removing _ -> Answer.JOIN;
        };
    }

    private static Answer exec(ContainerState state) {
        return switch (state) {
            case Running _ -> Answer.DO;
            case Stopping stopping -> stopping.killing() ? Answer.REFUSE : Answer.DO;
            case Creating _, Created _, Starting _, Exited _, Removing _ -> Answer.REFUSE;
        };
    }

    private static Answer reopenLog(ContainerState state) {
        return switch (state) {
            case Running _, Stopping _ -> Answer.DO;
            case Creating _, Created _, Starting _, Exited _, Removing _ -> Answer.REFUSE;
        };
    }

    private static Answer update(ContainerState state) {
        return switch (state) {
            case Created _, Running _, Stopping _ -> Answer.DO;
            case Exited _, Removing _ -> Answer.JOIN;
            case Creating _, Starting _ -> Answer.REFUSE;
        };
    }
}
