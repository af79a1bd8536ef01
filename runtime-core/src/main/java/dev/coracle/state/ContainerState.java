package dev.coracle.state;

import org.jspecify.annotations.Nullable;

/**
 * Where a container is in its life.
 *
 * <pre>
 * Creating ─▶ Created ─▶ Starting ─▶ Running ─▶ Stopping ─▶ Exited ─▶ Removing ─▶ gone
 *    │           │           │          └──────────────────▶ ▲           ▲
 *    │           │           └── the start failed ───────────┘           │
 *    │           └───────────────────────────────────────────────────────┤
 *    └── the creation failed ────────────────────────────────────────────┘
 * </pre>
 *
 * Each state carries only what is true in it. {@link ContainerLifecycle} moves it, nothing else.
 */
public sealed interface ContainerState {
    /** The intent is written; the root is being made. Not listed. */
    record Creating() implements ContainerState {}

    /** The root stands, the process does not run yet. */
    record Created(Prepared prepared) implements ContainerState {}

    /** The plan that ends in {@code execve} is being carried out. */
    record Starting(Prepared prepared) implements ContainerState {}

    /**
     * The process runs.
     *
     * @param startedAt ns since the epoch
     */
    record Running(Prepared prepared, long startedAt) implements ContainerState {}

    /**
     * The stop signal was sent.
     *
     * @param signalledAt ns since the epoch
     * @param deadline ns of the monotonic clock, which pods and daemon share: when {@code SIGKILL} follows
     * @param killing the deadline has passed, or nobody waits for manners
     */
    record Stopping(Prepared prepared, long startedAt, long signalledAt, long deadline, boolean killing)
            implements ContainerState {}

    /**
     * The process has ended and its log is flushed.
     *
     * @param prepared null when the container was lost before it was prepared
     * @param startedAt ns since the epoch; 0 when it never ran
     */
    record Exited(@Nullable Prepared prepared, long startedAt, Outcome outcome) implements ContainerState {}

    /**
     * Its files go away. Still listed, as it was.
     *
     * @param before what is shown of it meanwhile: {@code Created} or {@code Exited}, or {@code Creating} when its creation
     *     failed
     */
    record Removing(ContainerState before) implements ContainerState {}
}
