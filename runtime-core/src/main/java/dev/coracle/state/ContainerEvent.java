package dev.coracle.state;

/** What happens to a container. Times as in {@link ContainerState}. */
public sealed interface ContainerEvent {
    /** The root stands and its files are read. */
    record Made(Prepared prepared) implements ContainerEvent {}

    /** A client wants it to run. */
    record StartAsked() implements ContainerEvent {}

    /** The start plan is done: {@code execve} succeeded. */
    record Started(long at) implements ContainerEvent {}

    /** The start plan failed: no process, or one that was ended before {@code execve}. */
    record StartFailed(Outcome outcome) implements ContainerEvent {}

    /** A client wants it stopped by {@code deadline}. */
    record StopAsked(long at, long deadline) implements ContainerEvent {}

    /** The deadline has passed. */
    record KillBegun() implements ContainerEvent {}

    /**
     * The process has ended, seen by the shim, or unseen because the shim itself is gone.
     *
     * @param startedAt when it had started, as its shim saw it; 0 where nobody did
     */
    record Ended(long startedAt, Outcome outcome) implements ContainerEvent {}

    /** Its files are to go. */
    record RemoveAsked() implements ContainerEvent {}

    /** They did not go; the next Remove tries again. */
    record RemoveFailed(Outcome outcome) implements ContainerEvent {}
}
