package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.image.Image;
import dev.coracle.image.Images;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.ListImagesResponse;
import java.util.List;

/** Every image, once however many names it has; with a filter, the one of that name. */
public final class ListImages {
    private final Images images;

    public ListImages(Images images) {
        this.images = images;
    }

    public ListImagesResponse handle(ListImagesRequest request) {
        String wanted = request.getFilter().getImage().getImage();
        List<Image> found =
                wanted.isEmpty() ? images.list() : images.find(wanted).stream().toList();
        ListImagesResponse.Builder response = ListImagesResponse.newBuilder();
        found.forEach(image -> response.addImages(CriOut.image(image)));
        return response.build();
    }
}
