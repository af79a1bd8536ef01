package dev.coracle.pod;

import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Commands that have run in a pod, ready to be executed again: a probe is the same command every few seconds as long as its container runs.
 * A concurrent queue; any thread.
 */
final class ReadyExecs {
    /** Each has a file of some KiB in the pod's directory. */
    private static final int KEPT = 8;

    private final Deque<ReadyExec> ready = new ConcurrentLinkedDeque<>();

    /** The command, for the caller alone, if it is ready for the container as it is now. */
    Optional<ReadyExec> take(ContainerRecord container, StreamSpec.Exec command) {
        return ready.stream()
                .filter(each ->
                        each.container().equals(container) && each.command().equals(command))
                .findFirst()
                .filter(ready::remove);
    }

    /** Keeps one whose process has ended. What comes back has waited longest, and is one too many. */
    Optional<ReadyExec> put(ReadyExec exec) {
        ready.addLast(exec);
        return ready.size() > KEPT ? Optional.ofNullable(ready.pollFirst()) : Optional.empty();
    }
}
