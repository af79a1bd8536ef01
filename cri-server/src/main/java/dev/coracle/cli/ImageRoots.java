package dev.coracle.cli;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.ImageVolumeFailed;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.image.Image;
import dev.coracle.image.Images;
import dev.coracle.image.LayerStack;
import dev.coracle.pod.Roots;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.VolumeImage;
import java.util.ArrayList;
import java.util.List;

/** Gives pods the layers of the images on this machine. */
final class ImageRoots implements Roots {
    private final Images images;

    ImageRoots(Images images) {
        this.images = images;
    }

    @Override
    public Lease lease(ContainerId container, String name, List<String> volumes) {
        try {
            return leaseAll(container, name, volumes);
        } catch (RuntimeFailure e) {
            release(container);
            throw e;
        }
    }

    private Lease leaseAll(ContainerId container, String name, List<String> volumes) {
        LayerStack layers = lease(container.value(), name);
        Image image = leased(container.value(), name);
        List<VolumeImage> images = new ArrayList<>();
        List<List<String>> layersOfVolumes = new ArrayList<>();
        for (String volume : volumes) {
            String holder = container.value() + "/" + images.size();
            layersOfVolumes.add(leaseVolume(holder, volume));
            Image leased = leased(holder, volume);
            images.add(new VolumeImage(leased.id().toString(), Lease.reference(leased)));
        }
        return Lease.of(image, layers, images, layersOfVolumes);
    }

    private LayerStack lease(String holder, String name) {
        // An id may also be that of an image that was removed while its containers go on.
        String id = images.find(name).map(image -> image.id().toString()).orElse(name);
        return images.lease(holder, id);
    }

    private Image leased(String holder, String name) {
        return images.leased(holder).orElseThrow(() -> new NotFound("image", name));
    }

    private List<String> leaseVolume(String holder, String name) {
        try {
            return lease(holder, name).names();
        } catch (NotFound e) {
            throw new ImageVolumeFailed("mount image " + name, "it is not on this node", e);
        }
    }

    @Override
    public void release(ContainerId container) {
        images.release(container.value());
    }
}
