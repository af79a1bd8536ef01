package dev.coracle.image;

import dev.coracle.spec.ImageConfig;
import java.util.List;

/**
 * An image that is whole on this machine (CRI {@code Image}).
 *
 * @param id digest of its configuration; the same for all its names
 * @param repoTags its names with a tag, normalised, such as {@code docker.io/library/busybox:1.36}
 * @param repoDigests its names with the digest of the manifest it was pulled by
 * @param size bytes that its layers take on disk, shared ones counted in each image
 * @param config what it says about running it
 * @param configJson the whole configuration blob as the registry had it
 */
public record Image(
        Digest id, List<String> repoTags, List<String> repoDigests, long size, ImageConfig config, String configJson) {
    public Image {
        repoTags = List.copyOf(repoTags);
        repoDigests = List.copyOf(repoDigests);
    }
}
