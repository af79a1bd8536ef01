package dev.coracle.pod;

import dev.coracle.image.Image;
import dev.coracle.image.LayerStack;
import dev.coracle.planner.Layers;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerImage;
import dev.coracle.state.VolumeImage;
import java.util.List;

/** Where containers get their read-only layers from. Any thread. */
public interface Roots {
    /**
     * Keeps the layers of images from being deleted as long as a container needs them.
     *
     * @param image id or name
     * @param volumes ids or names of the images that are mounted as volumes
     * @throws dev.coracle.failure.RuntimeFailure.NotFound if there is no such image
     * @throws dev.coracle.failure.RuntimeFailure.ImageVolumeFailed if there is none of those for volumes
     */
    Lease lease(ContainerId container, String image, List<String> volumes);

    /** The container needs them no more. None held is no failure. */
    void release(ContainerId container);

    /**
     * What a container is made from.
     *
     * @param directory absolute path, in which all layers lie
     * @param layers names of the layers' directories in it, the topmost first; at least one
     * @param root mode and owner of the root directory
     * @param volumes names of layers for each image that is mounted as a volume, likewise
     */
    record Lease(
            ContainerImage image, String directory, List<String> layers, Layers.Root root, List<List<String>> volumes) {
        public Lease {
            layers = List.copyOf(layers);
            volumes = List.copyOf(volumes);
        }

        /**
         * Of images that are on this node.
         *
         * @param stack that of the image
         * @param mounted the images that are mounted as volumes
         * @param volumes names of the layers of each
         */
        public static Lease of(Image image, LayerStack stack, List<VolumeImage> mounted, List<List<String>> volumes) {
            return new Lease(
                    new ContainerImage(image.id().toString(), reference(image), image.config(), mounted),
                    stack.directory().toString(),
                    stack.names(),
                    new Layers.Root(
                            stack.root().mode(),
                            stack.root().uid(),
                            stack.root().gid()),
                    volumes);
        }

        /** By which an image can be pulled again; its id where it has no such name. */
        public static String reference(Image image) {
            return image.repoDigests().stream()
                    .findFirst()
                    .orElseGet(() -> image.id().toString());
        }
    }
}
