package dev.coracle.cli;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.image.Image;
import dev.coracle.image.Images;
import dev.coracle.image.LayerStack;
import dev.coracle.pod.Roots;
import dev.coracle.spec.ContainerId;

/** Gives pods the layers of the images on this machine. */
final class ImageRoots implements Roots {
    private final Images images;

    ImageRoots(Images images) {
        this.images = images;
    }

    @Override
    public Lease lease(ContainerId container, String name) {
        // An id may also be that of an image that was removed while its containers go on.
        String id = images.find(name).map(image -> image.id().toString()).orElse(name);
        LayerStack layers = images.lease(container.value(), id);
        Image image = images.leased(container.value()).orElseThrow(() -> new NotFound("image", name));
        return Lease.of(image, layers);
    }

    @Override
    public void release(ContainerId container) {
        images.release(container.value());
    }
}
