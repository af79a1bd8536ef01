package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.ImageVolumeFailed;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.image.ImageShelf;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.VolumeImage;
import java.util.List;

/** For plans that nobody carries out: nothing is held, so nothing is to be released. */
record ShelfRoots(ImageShelf images) implements Roots {
    @Override
    public Lease lease(ContainerId container, String name, List<String> volumes) {
        ImageShelf.Found image = images.find(name).orElseThrow(() -> new NotFound("image", name));
        List<ImageShelf.Found> mounted = volumes.stream().map(this::volume).toList();
        return Lease.of(
                image.image(),
                image.layers(),
                mounted.stream()
                        .map(found -> new VolumeImage(found.image().id().toString(), Lease.reference(found.image())))
                        .toList(),
                mounted.stream().map(found -> found.layers().names()).toList());
    }

    private ImageShelf.Found volume(String name) {
        return images.find(name)
                .orElseThrow(() -> new ImageVolumeFailed("mount image " + name, "it is not on this node"));
    }

    @Override
    public void release(ContainerId container) {}
}
