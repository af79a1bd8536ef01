package dev.coracle.shim;

import java.time.Instant;

/**
 * How a container, or the init of a shared pid namespace, ended. Its log is complete when this can be seen.
 *
 * @param id the container's id
 * @param waitStatus as waitpid(2) gives it
 * @param started when the shim learnt of it, by the node's clock; a moment after {@code at} when it ended at once
 * @param at when it was reaped, by the node's clock
 * @param oomKilled whether the kernel killed a process of its group for memory, a child of it included
 * @param lostLogBytes output that could not be written to the log
 */
public record Exit(String id, int waitStatus, Instant started, Instant at, boolean oomKilled, long lostLogBytes) {
    /** 0 to 255: the exit code, or 128 plus the number of the signal that ended it. */
    public int code() {
        return WaitStatus.code(waitStatus);
    }
}
