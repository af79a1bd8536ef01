package dev.coracle.shim;

import java.time.Instant;

/**
 * A container, or the init of a shared pid namespace, that a shim says is alive.
 *
 * @param id the container's id
 * @param pid in the host's pid namespace
 * @param started when the shim learnt of it, by the node's clock
 */
public record Running(String id, long pid, Instant started) {}
