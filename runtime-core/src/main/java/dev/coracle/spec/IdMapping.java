package dev.coracle.spec;

/**
 * A range of user or group ids (CRI {@code IDMapping}); every value is an unsigned 32 bit number.
 *
 * @param containerId first id inside
 * @param hostId first id outside
 * @param length how many, at least 1
 */
public record IdMapping(long containerId, long hostId, long length) {}
