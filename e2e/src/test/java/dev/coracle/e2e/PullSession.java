package dev.coracle.e2e;

import dev.coracle.e2e.images.Layer;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.proto.v1.AuthConfig;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ImageStatusRequest;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/** Pulls as a kubelet does, by PullImage, and has the daemon as it was before when it is closed: no image, no hosts.toml stays. */
final class PullSession implements AutoCloseable {
    private final CriClient client;
    private final DaemonDirs dirs;
    private final Set<String> pulled = ConcurrentHashMap.newKeySet();
    private final Set<Path> configured = new ConcurrentSkipListSet<>();

    PullSession(CriClient client, DaemonDirs dirs) {
        this.client = client;
        this.dirs = dirs;
    }

    /** With the daemon that all tests share. */
    static PullSession of(Rig rig) {
        return new PullSession(rig.client(), rig.daemon().dirs());
    }

    /** An image that nobody has yet: layers that are there are not fetched. */
    static OciImage.Packed newImage() {
        return OciImage.of(List.of(new Layer().file("unique", UUID.randomUUID().toString())))
                .pack();
    }

    /** The same with a layer of about so many bytes. */
    static OciImage.Packed newImage(int size) {
        byte[] content = new byte[size];
        new Random().nextBytes(content);
        return OciImage.of(List.of(new Layer().file("unique", content, Layer.Attributes.mode(0644))))
                .pack();
    }

    /** The id of an image, by which it is known once it is pulled. */
    static String id(OciImage.Packed image) {
        return image.blobs().getLast().digest();
    }

    /** The digest of the uppermost layer. */
    static String layer(OciImage.Packed image) {
        return image.blobs().getFirst().digest();
    }

    /** Where the file of a registry lies, and those that it names. */
    Path folder(String domain) {
        return dirs.hosts().resolve(domain);
    }

    /** Says how a registry is reached from now on. */
    void hosts(String domain, String toml) {
        try {
            Path folder = Files.createDirectories(folder(domain));
            configured.add(folder);
            Files.writeString(folder.resolve("hosts.toml"), toml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says that a domain's images are those of a registry, and that this mirror is asked first. */
    void mirror(String domain, NodeRegistry registry, NodeRegistry mirror) {
        hosts(domain, "server = \"http://%s\"\n[host.\"http://%s\"]\n".formatted(registry.host(), mirror.host()));
    }

    /** Pulls without credentials; answers the image's id, as a kubelet would ask for it from then on. */
    String pull(String name) {
        return pull(name, AuthConfig.getDefaultInstance());
    }

    String pull(String name, AuthConfig proof) {
        PullImageRequest.Builder request = PullImageRequest.newBuilder().setImage(spec(name));
        if (!proof.equals(AuthConfig.getDefaultInstance())) {
            request.setAuth(proof);
        }
        String id = client.images().pullImage(request.build()).getImageRef();
        pulled.add(id);
        return id;
    }

    Image status(String name) {
        return client.images()
                .imageStatus(
                        ImageStatusRequest.newBuilder().setImage(spec(name)).build())
                .getImage();
    }

    boolean has(String name) {
        return client.imageId(name).isPresent();
    }

    /** With all its names. */
    void remove(String id) {
        var _ = client.images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(spec(id)).build());
    }

    private static ImageSpec spec(String name) {
        return ImageSpec.newBuilder().setImage(name).build();
    }

    @Override
    public void close() {
        pulled.forEach(this::remove);
        configured.forEach(
                folder -> Outcome.of("find", folder.toString(), "-delete").text());
    }
}
