package dev.coracle.stats;

/**
 * What a container has written into its own layer.
 *
 * @param timestamp ns since the epoch of the walk that counted it
 * @param mountpoint of the file system it lies on
 * @param bytes allocated
 * @param inodes files and directories
 */
public record DiskUsage(long timestamp, String mountpoint, long bytes, long inodes) {}
