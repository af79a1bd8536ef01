package dev.coracle.net;

/**
 * Whether pods can be given a network, as CRI's condition {@code NetworkReady} has it.
 *
 * @param reason one word in camel case; empty when ready
 * @param message for people; empty when ready
 * @param details JSON of the configuration in use, for verbose status; empty when there is none
 */
public record NetworkStatus(boolean ready, String reason, String message, String details) {}
