package dev.coracle.state;

import dev.coracle.spec.ImageConfig;
import java.util.List;

/**
 * The images a container was made from, as they were then.
 *
 * @param id {@code sha256:…} of the configuration: the image id of all of CRI
 * @param reference by which it can be pulled again: a name with the digest of the manifest; its id where it has none
 * @param config kept, because the image may be removed while the container runs
 * @param volumes images that are mounted as volumes, in the order of the mounts that name one
 */
public record ContainerImage(String id, String reference, ImageConfig config, List<VolumeImage> volumes) {
    public ContainerImage {
        volumes = List.copyOf(volumes);
    }

    public List<String> volumeIds() {
        return volumes.stream().map(VolumeImage::id).toList();
    }
}
