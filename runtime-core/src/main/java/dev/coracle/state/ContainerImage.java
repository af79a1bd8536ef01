package dev.coracle.state;

import dev.coracle.spec.ImageConfig;

/**
 * The image a container was made from, as it was then.
 *
 * @param id what CRI calls image id and image ref: {@code sha256:…} of the configuration
 * @param config kept, because the image may be removed while the container runs
 */
public record ContainerImage(String id, ImageConfig config) {}
