package dev.coracle.spec;

/**
 * What makes a pod one pod to its client (CRI {@code PodSandboxMetadata}): the same four values again are a repeat of the
 * same request.
 *
 * @param attempt unsigned 32 bits
 */
public record PodMetadata(String name, String uid, String namespace, long attempt) {}
