package dev.coracle.cri.rpc;

import dev.coracle.image.Images;
import dev.coracle.state.ContainerRecord;

/** How a container's status names its image. */
final class ImageRefs {
    private final Images images;

    ImageRefs(Images images) {
        this.images = images;
    }

    /** The image's name with the digest of its manifest, which says what runs; its id once the image is removed. */
    String of(ContainerRecord container) {
        String id = container.image().id();
        return images.find(id)
                .flatMap(image -> image.repoDigests().stream().findFirst())
                .orElse(id);
    }
}
