package dev.coracle.stats;

/**
 * What has passed one network interface since it was made.
 *
 * @param name inside its network namespace
 */
public record InterfaceUsage(String name, Direction received, Direction sent) {
    /** One way. */
    public record Direction(long bytes, long packets, long errors, long dropped) {}
}
