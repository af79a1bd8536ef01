package dev.coracle.stats;

import org.jspecify.annotations.Nullable;

/**
 * What the processes of a group hold.
 *
 * @param descriptors open files of all of them
 * @param sockets those that are sockets
 * @param maxOpenFiles soft limit of the first process; null where there is none, or no process
 */
public record ProcessUsage(
        long processes,
        long descriptors,
        long sockets,
        @Nullable Long maxOpenFiles) {}
