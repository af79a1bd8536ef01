package dev.coracle.e2e;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.TestRegistry;
import org.jspecify.annotations.Nullable;

/** A registry in this JVM whose answers a test scripts, on a socket of the node's loopback unless it is said otherwise. */
final class NodeRegistry extends TestRegistry {
    static final String LOOPBACK = "127.0.0.1";

    private NodeRegistry(HttpServer server) {
        super(server);
    }

    /** Plain http on the node's loopback. */
    static NodeRegistry in(Node node) {
        return in(node, LOOPBACK, null);
    }

    /** At an address where every server answers: one that did not is remembered, by address and port, and asked last for a minute. */
    static NodeRegistry mirrorIn(Node node) {
        return in(node, "127.0.0.2", null);
    }

    /** @param tls how it is reached; null for plain http */
    static NodeRegistry in(Node node, String address, @Nullable HttpsConfigurator tls) {
        return new NodeRegistry(NodeSockets.in(node, () -> listening(address, tls)));
    }

    /** On the machine's own loopback, which nothing in a node reaches. */
    static NodeRegistry outside(@Nullable HttpsConfigurator tls) {
        return new NodeRegistry(listening(LOOPBACK, tls));
    }

    /** Puts a whole image in. */
    OciImage.Packed image(String repository, String tag, OciImage.Packed image) {
        image.blobs().forEach(blob -> blob(repository, blob));
        manifest(repository, tag, OciImage.MANIFEST, image.manifest());
        return image;
    }

    void blob(String repository, Blob blob) {
        var _ = blob(repository, blob.bytes());
    }

    /** By a tag and by its digest. */
    void manifest(String repository, String tag, String type, Blob manifest) {
        var _ = manifest(repository, tag, type, manifest.bytes());
    }
}
