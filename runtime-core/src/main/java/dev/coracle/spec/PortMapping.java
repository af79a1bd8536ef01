package dev.coracle.spec;

/**
 * A port of the host led to one of the pod (CRI {@code PortMapping}).
 *
 * @param hostPort 1 to 65535; a mapping with 0 or less asks for nothing
 * @param hostIp the host's address it listens on; empty for all
 */
public record PortMapping(Protocol protocol, int containerPort, int hostPort, String hostIp) {}
