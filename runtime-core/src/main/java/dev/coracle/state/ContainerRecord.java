package dev.coracle.state;

import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.spec.Resources;
import dev.coracle.spec.Signal;

/**
 * All that is kept of a container. A change makes a new record: two equal references are the same state.
 *
 * @param spec as the client gave it
 * @param edits what its devices add to the spec, as they were when it was made
 * @param createdAt ns since the epoch, above 0, rising strictly over the containers of one pod uid and container name
 * @param resources those of the spec, or of the last update
 */
public record ContainerRecord(
        ContainerId id,
        PodId pod,
        ContainerSpec spec,
        ContainerEdits edits,
        ContainerImage image,
        long createdAt,
        Resources resources,
        ContainerState state) {
    /** One that is about to be made. */
    public static ContainerRecord intended(
            ContainerId id, PodId pod, ContainerSpec spec, ContainerImage image, long createdAt) {
        return new ContainerRecord(
                id, pod, spec, ContainerEdits.NONE, image, createdAt, spec.resources(), new ContainerState.Creating());
    }

    /** Whether clients may know of it. */
    public boolean listed() {
        return !(shownState() instanceof ContainerState.Creating);
    }

    /** The state that clients see: while a container is being removed, the one before. */
    public ContainerState shownState() {
        return state instanceof ContainerState.Removing removing ? removing.before() : state;
    }

    /** What asks it to end: the client's choice, else the image's, else {@code SIGTERM}. */
    public Signal stopSignal() {
        Signal asked = spec.stopSignal();
        Signal own = asked != null ? asked : image.config().stopSignal();
        return own != null ? own : Signal.TERM;
    }

    /** After {@code event}. */
    public ContainerRecord on(ContainerEvent event) {
        return with(ContainerLifecycle.next(state, event));
    }

    public ContainerRecord with(ContainerState next) {
        return new ContainerRecord(id, pod, spec, edits, image, createdAt, resources, next);
    }

    /** The spec as it is carried out: with what its devices add, and with its limits of now. */
    public ContainerSpec effectiveSpec() {
        return edits.applyTo(spec.with(resources));
    }

    public ContainerRecord with(ContainerEdits added) {
        return new ContainerRecord(id, pod, spec, added, image, createdAt, resources, state);
    }

    public ContainerRecord with(Resources changed) {
        return new ContainerRecord(id, pod, spec, edits, image, createdAt, changed, state);
    }
}
