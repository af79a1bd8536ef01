package dev.coracle.state;

import org.jspecify.annotations.Nullable;

/** What happens to a pod. */
public sealed interface PodEvent {
    /** Namespaces and cgroup stand, the network is asked next. */
    record AttachBegun() implements PodEvent {}

    record AttachDone(Attachment attachment) implements PodEvent {}

    /** All is there. */
    record Made() implements PodEvent {}

    /** Making it failed, or it was doomed, and undoing that failed as well. */
    record UndoFailed(String reason) implements PodEvent {}

    record StopAsked() implements PodEvent {}

    /** No container of it runs any more. */
    record Killed() implements PodEvent {}

    /** The network is released. */
    record Detached() implements PodEvent {}

    /** Nothing is left in the kernel. */
    record Dismantled() implements PodEvent {}

    /** A step of the stop failed; the pod is not ready, and not clean either. */
    record StopFailed(String reason) implements PodEvent {}

    /** The node went down with it: the kernel has nothing of it any more. */
    record Rebooted(@Nullable Attachment attachment) implements PodEvent {}

    record RemoveAsked() implements PodEvent {}

    /** Its files did not go; the next Remove tries again. */
    record RemoveFailed() implements PodEvent {}
}
