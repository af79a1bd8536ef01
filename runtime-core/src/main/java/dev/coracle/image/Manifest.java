package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import java.util.List;
import java.util.Optional;

/**
 * What a registry keeps under an image's name: an index of manifests for several platforms, or one image. OCI image
 * specification 1.1 and docker image manifest version 2 schema 2, which differ in media types only.
 */
sealed interface Manifest {
    /** An image index or manifest list. */
    record Index(List<Descriptor> manifests) implements Manifest {
        public Index {
            manifests = List.copyOf(manifests);
        }
    }

    /** One image; layers from the lowest up. */
    record Image(Descriptor config, List<Descriptor> layers) implements Manifest {
        public Image {
            layers = List.copyOf(layers);
        }
    }

    /** What a request for a manifest accepts, best first. */
    List<String> ACCEPTED = List.of(
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    /**
     * Reads a manifest. What it is, is decided by its fields alone: one that could be read as both kinds is refused
     * (CVE-2021-41190).
     *
     * @throws InvalidSpec if it is no manifest of an image
     * @throws Unsupported for docker's schema 1
     */
    static Manifest parse(byte[] document) {
        try {
            JsonTree root = JsonTree.parse(document);
            if (root.number("schemaVersion") == 1) {
                throw new Unsupported("read manifest", "docker's schema 1 is not supported; push the image anew");
            }
            boolean index = root.has("manifests");
            if (index && (root.has("layers") || root.has("config"))) {
                throw new InvalidSpec("image", "its manifest is an index and an image at once");
            }
            return index ? new Index(descriptors(root, "manifests")) : image(root);
        } catch (JsonTree.Malformed e) {
            throw new InvalidSpec("image", "its manifest is malformed: " + e.getMessage());
        }
    }

    private static Image image(JsonTree root) {
        if (!root.has("config")) {
            throw new InvalidSpec("image", "its manifest names no configuration");
        }
        Descriptor config = descriptor(root.get("config"));
        String type = config.mediaType();
        if (!type.isEmpty()
                && !type.startsWith("application/vnd.oci.image.")
                && !type.startsWith("application/vnd.docker.")) {
            throw new InvalidSpec("image", "it is an artifact of type " + type + ", not an image that can be run");
        }
        return new Image(config, descriptors(root, "layers"));
    }

    private static List<Descriptor> descriptors(JsonTree root, String field) {
        return root.list(field).stream().map(Manifest::descriptor).toList();
    }

    private static Descriptor descriptor(JsonTree tree) {
        long size = tree.number("size");
        if (size < 0) {
            throw new JsonTree.Malformed("a size below zero");
        }
        JsonTree platform = tree.get("platform");
        Optional<Platform> target = tree.has("platform")
                ? Optional.of(
                        new Platform(platform.text("os"), platform.text("architecture"), platform.text("variant")))
                : Optional.empty();
        return new Descriptor(tree.text("mediaType"), Digest.parse(tree.text("digest")), size, target);
    }
}
