package dev.coracle.state;

import dev.coracle.spec.ImageConfig;

/**
 * The image a container was made from, as it was then.
 *
 * @param id {@code sha256:…} of the configuration: the image id of all of CRI
 * @param reference by which it can be pulled again: a name with the digest of the manifest; its id where it has none
 * @param config kept, because the image may be removed while the container runs
 */
public record ContainerImage(String id, String reference, ImageConfig config) {}
