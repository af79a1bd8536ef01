package dev.coracle.pod;

import dev.coracle.image.Image;
import dev.coracle.image.LayerStack;
import dev.coracle.planner.Layers;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerImage;
import java.util.List;

/** Where containers get their read-only layers from. Any thread. */
public interface Roots {
    /**
     * Keeps the layers of an image from being deleted as long as a container needs them.
     *
     * @param image id or name
     * @throws dev.coracle.failure.RuntimeFailure.NotFound if there is no such image
     */
    Lease lease(ContainerId container, String image);

    /** The container needs them no more. None held is no failure. */
    void release(ContainerId container);

    /**
     * What a container is made from.
     *
     * @param directory absolute path, in which all layers lie
     * @param layers names of the layers' directories in it, the topmost first; at least one
     * @param root mode and owner of the root directory
     */
    record Lease(ContainerImage image, String directory, List<String> layers, Layers.Root root) {
        public Lease {
            layers = List.copyOf(layers);
        }

        /** {@code stack} is that of the image. */
        public static Lease of(Image image, LayerStack stack) {
            String reference = image.repoDigests().stream()
                    .findFirst()
                    .orElseGet(() -> image.id().toString());
            return new Lease(
                    new ContainerImage(image.id().toString(), reference, image.config()),
                    stack.directory().toString(),
                    stack.names(),
                    new Layers.Root(
                            stack.root().mode(),
                            stack.root().uid(),
                            stack.root().gid()));
        }
    }
}
