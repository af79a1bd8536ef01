package dev.coracle.state;

import org.jspecify.annotations.Nullable;

/**
 * Where a pod is in its life.
 *
 * <pre>
 * Creating(Made ─▶ Attaching ─▶ Attached) ─▶ Ready ─▶ Stopping(KILLING ─▶ DETACHING ─▶ DISMANTLING) ─▶ NotReady ─▶ Removing ─▶ gone
 *    │                                                                                                  ▲
 *    ├── doomed or failed, and undone ─────────────────────────────────────────────────────────────────┼──▶ gone
 *    └── doomed or failed, and the undoing failed too ─────────────────────────────────────────────────┘
 * </pre>
 *
 * Each state carries only what is true in it. {@link PodLifecycle} moves it, nothing else.
 */
public sealed interface PodState {
    /** Not listed, and no containers yet. */
    record Creating(Step step) implements PodState {}

    /**
     * What clients call ready.
     *
     * @param attachment null with the host's network
     */
    record Ready(@Nullable Attachment attachment) implements PodState {}

    /**
     * It is being taken down.
     *
     * @param attachment what is to be released; null when there is none, or its result was never seen
     */
    record Stopping(Phase phase, @Nullable Attachment attachment) implements PodState {}

    /**
     * It was ready, or was to be, and will not be any more.
     *
     * @param leftover null when nothing is left of the pod but its record and its containers'
     */
    record NotReady(@Nullable Leftover leftover) implements PodState {}

    /** Its containers are gone, its files go. Still listed. */
    record Removing() implements PodState {}

    /** How far the making has come. */
    sealed interface Step {
        /** The record is made; namespaces and cgroup are being made. */
        record Made() implements Step {}

        /** The network has been asked, and may have done anything between nothing and everything. */
        record Attaching() implements Step {}

        /** The network has answered. */
        record Attached(Attachment attachment) implements Step {}
    }

    /** How far the unmaking has come. */
    enum Phase {
        /** Containers are being killed. */
        KILLING,
        /** The network is being released. */
        DETACHING,
        /** Namespaces and cgroups go. */
        DISMANTLING
    }

    /**
     * What an undoing could not undo; the next Stop or Remove tries again.
     *
     * @param reason for people
     * @param attachment as in {@link Stopping}
     */
    record Leftover(String reason, @Nullable Attachment attachment) {}
}
