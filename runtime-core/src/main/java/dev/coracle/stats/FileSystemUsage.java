package dev.coracle.stats;

/**
 * The file system that writable layers lie on.
 *
 * @param device what is mounted: {@code /dev/sda1}
 * @param limit bytes in all
 * @param inodes in all; 0 where it has no fixed number
 * @param freeInodes not taken
 */
public record FileSystemUsage(String device, long limit, long inodes, long freeInodes) {}
