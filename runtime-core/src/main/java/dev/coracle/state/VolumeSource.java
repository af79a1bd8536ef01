package dev.coracle.state;

/**
 * What stands at a volume's path on the host.
 *
 * @param realPath absolute, without symbolic links
 * @param directory else it is attached onto a file
 */
public record VolumeSource(String realPath, boolean directory) {}
