package dev.coracle.cri.rpc;

import dev.coracle.cri.CriIn;
import dev.coracle.cri.CriOut;
import dev.coracle.cri.Node;
import dev.coracle.cri.VerboseOut;
import dev.coracle.image.Images;
import dev.coracle.proto.v1.ImageStatusRequest;
import dev.coracle.proto.v1.ImageStatusResponse;

/** One image, by any of its names or its id. That it is not there is an answer without an image, not an error. */
public final class ImageStatus {
    private final Node node;
    private final Images images;

    public ImageStatus(Node node, Images images) {
        this.node = node;
        this.images = images;
    }

    public ImageStatusResponse handle(ImageStatusRequest request) {
        node.requireHandler("image.runtime_handler", request.getImage().getRuntimeHandler());
        ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
        images.find(CriIn.image(request.getImage())).ifPresent(image -> {
            response.setImage(CriOut.image(image, images.isPinned(image)));
            if (request.getVerbose()) {
                response.putAllInfo(VerboseOut.image(image));
            }
        });
        return response.build();
    }
}
