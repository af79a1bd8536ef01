package dev.coracle.cri.rpc;

import dev.coracle.cri.CriOut;
import dev.coracle.image.Images;
import dev.coracle.proto.v1.ImageFsInfoRequest;
import dev.coracle.proto.v1.ImageFsInfoResponse;
import java.time.Instant;

/**
 * What images take on disk. Writable layers lie on the same file system, and saying nothing of a second one is how a kubelet knows.
 */
public final class ImageFsInfo {
    private final Images images;

    public ImageFsInfo(Images images) {
        this.images = images;
    }

    public ImageFsInfoResponse handle(ImageFsInfoRequest request) {
        return ImageFsInfoResponse.newBuilder()
                .addImageFilesystems(CriOut.imageUsage(images.usage(), Instant.now()))
                .build();
    }
}
