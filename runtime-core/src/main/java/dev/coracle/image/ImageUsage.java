package dev.coracle.image;

import java.nio.file.Path;

/**
 * What the images take on disk (CRI {@code FilesystemUsage}).
 *
 * @param mountpoint a directory on the file system that holds them; it exists
 * @param bytes in blocks of 4 KiB
 */
public record ImageUsage(Path mountpoint, long bytes, long inodes) {}
