package dev.coracle.pod;

import dev.coracle.pod.Announcement.Kind;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a new record means to those who follow events: everything that is new about it, in the order of a life, also when states were
 * skipped. Pure functions.
 */
final class Changes {
    private Changes() {}

    /** {@code before} is null when there was none. */
    static List<Kind> of(@Nullable ContainerRecord before, ContainerRecord after) {
        return between(before == null ? Seen.NOTHING : seen(before), seen(after));
    }

    static List<Kind> of(PodRecord before, PodRecord after) {
        return between(seen(before), seen(after));
    }

    private static List<Kind> between(Seen before, Seen after) {
        List<Kind> kinds = new ArrayList<>();
        addIfNew(kinds, Kind.CREATED, before.created, after.created);
        addIfNew(kinds, Kind.STARTED, before.started, after.started);
        addIfNew(kinds, Kind.STOPPED, before.stopped, after.stopped);
        return kinds;
    }

    private static void addIfNew(List<Kind> kinds, Kind kind, boolean before, boolean after) {
        if (after && !before) {
            kinds.add(kind);
        }
    }

    private static Seen seen(ContainerRecord container) {
        return switch (container.shownState()) {
            case ContainerState.Creating _, ContainerState.Removing _ -> Seen.NOTHING;
            case ContainerState.Created _, ContainerState.Starting _ -> new Seen(true, false, false);
            case ContainerState.Running _, ContainerState.Stopping _ -> new Seen(true, true, false);
            case ContainerState.Exited exited -> new Seen(true, exited.startedAt() > 0, true);
        };
    }

    /** A pod that is being stopped has stopped when that is done, whether or not all of it could be. */
    private static Seen seen(PodRecord pod) {
        return switch (pod.state()) {
            case PodState.Creating _ -> Seen.NOTHING;
            case PodState.Ready _, PodState.Stopping _ -> new Seen(true, true, false);
            case PodState.NotReady _, PodState.Removing _ -> new Seen(true, true, true);
        };
    }

    private record Seen(boolean created, boolean started, boolean stopped) {
        private static final Seen NOTHING = new Seen(false, false, false);
    }
}
