package dev.coracle.spec;

/**
 * What makes a container one container within its pod (CRI {@code ContainerMetadata}).
 *
 * @param attempt unsigned 32 bits, raised by the client with each restart
 */
public record ContainerMetadata(String name, long attempt) {}
