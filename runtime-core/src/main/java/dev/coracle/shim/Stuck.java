package dev.coracle.shim;

/**
 * A plan was killed and has not ended: one of its processes is in an uninterruptible wait.
 *
 * @param plan the plan's number
 * @param pid the process that does not die
 * @param waitChannel the kernel function it waits in; {@code 0} where the kernel does not tell
 */
public record Stuck(long plan, long pid, String waitChannel) {}
