package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.image.Images;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.RemoveImageResponse;

/**
 * Removes an image with all its names, whichever of them is given; containers made from it go on. One that is not there is a
 * success.
 */
public final class RemoveImage {
    private final Images images;

    public RemoveImage(Images images) {
        this.images = images;
    }

    public RemoveImageResponse handle(RemoveImageRequest request) {
        images.remove(CriIn.image(request.getImage()));
        return RemoveImageResponse.getDefaultInstance();
    }
}
