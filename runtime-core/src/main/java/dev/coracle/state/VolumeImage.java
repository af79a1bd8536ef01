package dev.coracle.state;

/**
 * An image that is mounted as a volume.
 *
 * @param id {@code sha256:…} of the configuration
 * @param reference by which a person finds it again: a name with the digest of its manifest, or the id
 */
public record VolumeImage(String id, String reference) {}
