package dev.coracle.state;

import dev.coracle.spec.PodId;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is kept of a pod beside its containers. A change makes a new record: two equal references are the same state.
 *
 * @param spec as the client gave it
 * @param createdAt ns since the epoch, above 0, rising strictly over the attempts of one name, namespace and uid
 * @param overhead those of the spec, or of the last update
 * @param resources the same
 * @param doomed it must not become ready any more
 */
public record PodRecord(
        PodId id,
        SandboxSpec spec,
        long createdAt,
        Resources overhead,
        Resources resources,
        PodState state,
        boolean doomed) {
    /** One that is about to be made. */
    public static PodRecord intended(PodId id, SandboxSpec spec, long createdAt) {
        PodState state = new PodState.Creating(new PodState.Step.Made());
        return new PodRecord(id, spec, createdAt, spec.overhead(), spec.resources(), state, false);
    }

    /** Whether clients may know of it. */
    public boolean listed() {
        return !(state instanceof PodState.Creating);
    }

    /** What CRI calls SANDBOX_READY. */
    public boolean ready() {
        return state instanceof PodState.Ready;
    }

    /** Whether the kernel holds nothing of it any more: no shim, no namespace, no group. */
    public boolean dismantled() {
        return switch (state) {
            case PodState.NotReady(var leftover) -> leftover == null;
            case PodState.Removing _ -> true;
            case PodState.Creating _, PodState.Ready _, PodState.Stopping _ -> false;
        };
    }

    /** What the network gave it and still holds for it, if it is known; null with the host's network. */
    public @Nullable Attachment attachment() {
        return switch (state) {
            case PodState.Creating(PodState.Step.Attached(Attachment attachment)) -> attachment;
            case PodState.Creating _ -> null;
            case PodState.Ready(Attachment attachment) -> attachment;
            case PodState.Stopping(var _, Attachment attachment) -> attachment;
            case PodState.NotReady(PodState.Leftover leftover) -> leftover == null ? null : leftover.attachment();
            case PodState.Removing _ -> null;
        };
    }

    /** The addresses that clients see: none unless it is ready. */
    public List<String> addresses() {
        return state instanceof PodState.Ready(Attachment attachment) && attachment != null
                ? attachment.addresses()
                : List.of();
    }

    /** After {@code event}. */
    public PodRecord on(PodEvent event) {
        return with(PodLifecycle.next(state, event));
    }

    public PodRecord with(PodState next) {
        return new PodRecord(id, spec, createdAt, overhead, resources, next, doomed);
    }

    public PodRecord with(Resources changedOverhead, Resources changedResources) {
        return new PodRecord(id, spec, createdAt, changedOverhead, changedResources, state, doomed);
    }

    public PodRecord doom() {
        return new PodRecord(id, spec, createdAt, overhead, resources, state, true);
    }
}
