package dev.coracle.e2e.images;

import java.util.ArrayList;
import java.util.List;

/** Images that must be refused: what they say of themselves is not true. */
final class BrokenImages {
    private BrokenImages() {}

    static void push(RegistryClient client) {
        OciImage good = OciImage.of(List.of(new Layer().file("a", "a\n")), "Cmd", List.of("/a"));
        wrongDiffId(client, good);
        missingBlob(client, good);
        notAnImage(client);
    }

    /** The blob is what the manifest says, its content is not what the configuration says. */
    private static void wrongDiffId(RegistryClient client, OciImage good) {
        OciImage other = OciImage.of(List.of(new Layer().file("a", "something else\n")), "Cmd", List.of("/a"));
        OciImage.Packed packed = good.pack();
        Blob layer = packed.blobs().getFirst();
        Blob configuration = other.pack().blobs().getLast();
        client.pushBlob("broken", layer);
        client.pushBlob("broken", configuration);
        client.putManifest("broken", "diff-id", OciImage.MANIFEST, manifest(configuration, List.of(layer)));
    }

    /** The configuration knows of one layer, the manifest of two. */
    private static void missingBlob(RegistryClient client, OciImage good) {
        OciImage.Packed packed = good.pack();
        Blob configuration = packed.blobs().getLast();
        packed.blobs().forEach(b -> client.pushBlob("broken", b));
        List<Blob> layers = new ArrayList<>(
                List.of(packed.blobs().getFirst(), packed.blobs().getFirst()));
        client.putManifest("broken", "layer-count", OciImage.MANIFEST, manifest(configuration, layers));
    }

    private static void notAnImage(RegistryClient client) {
        Blob text = new Blob("this is no archive".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Blob configuration = new Blob(Json.bytes(Json.object(
                "architecture",
                "amd64",
                "os",
                "linux",
                "rootfs",
                Json.object("type", "layers", "diff_ids", List.of(text.digest())))));
        client.pushBlob("broken", text);
        client.pushBlob("broken", configuration);
        client.putManifest("broken", "not-gzip", OciImage.MANIFEST, manifest(configuration, List.of(text)));
    }

    private static Blob manifest(Blob configuration, List<Blob> layers) {
        return new Blob(Json.bytes(Json.object(
                "schemaVersion",
                2,
                "mediaType",
                OciImage.MANIFEST,
                "config",
                OciImage.descriptor("application/vnd.oci.image.config.v1+json", configuration),
                "layers",
                layers.stream()
                        .map(b -> OciImage.descriptor(Compression.GZIP.mediaType(), b))
                        .toList())));
    }
}
