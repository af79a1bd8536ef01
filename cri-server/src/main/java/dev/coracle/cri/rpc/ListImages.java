package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.cri.EncodedAnswer;
import dev.coracle.image.Image;
import dev.coracle.image.Images;
import dev.coracle.proto.v1.ImageFilter;
import dev.coracle.proto.v1.ListImagesRequest;
import java.util.stream.Stream;

/** Every image, once however many names it has; with a filter, the one of that name. */
public final class ListImages {
    private final Images images;

    public ListImages(Images images) {
        this.images = images;
    }

    public EncodedAnswer handle(ListImagesRequest request) {
        return EncodedAnswer.ofElements(elements(request.getFilter()));
    }

    Stream<byte[]> elements(ImageFilter filter) {
        String wanted = filter.getImage().getImage();
        Stream<Image> found = wanted.isEmpty() ? images.list().stream() : images.find(wanted).stream();
        return found.map(image -> CriOut.element(image, images.isPinned(image)));
    }
}
