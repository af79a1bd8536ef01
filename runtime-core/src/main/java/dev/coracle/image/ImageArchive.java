package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Images in a file or folder: an OCI image layout, or what {@code docker save} writes. What is in it is not trusted: it is offered by
 * digest to the daemon, which checks every byte as if it came from a registry. Safe for any thread once it is open.
 */
public final class ImageArchive implements AutoCloseable {
    private static final long DOCUMENT_BYTES = PullLimits.DEFAULT.documentBytes();
    private static final Digest ANY = Digest.sha256(new byte[0]);
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final ArchiveFiles files;
    private final Map<Digest, List<String>> images = new LinkedHashMap<>();
    private final Map<Digest, ArchiveContent> made = new HashMap<>();

    private ImageArchive(ArchiveFiles files) {
        this.files = files;
    }

    /**
     * An image of the archive.
     *
     * @param manifest of a manifest, or an index of several platforms
     * @param names as the archive has them; a name without {@code /} and {@code :} is only a tag
     */
    public record Offered(Digest manifest, List<String> names) {}

    /**
     * Reads what is there, but no layer of a layout; those of a docker archive are hashed.
     *
     * @param name what errors call it
     * @throws InvalidSpec if it is neither
     * @throws Unavailable if it cannot be read
     */
    public static ImageArchive open(Path path, String name) {
        try {
            ArchiveFiles files = Files.isDirectory(path) ? new ArchiveFolder(path) : ArchiveTar.open(path);
            ImageArchive archive = new ImageArchive(files);
            archive.index();
            return archive;
        } catch (LayerFault | JsonTree.Malformed e) {
            throw new InvalidSpec("archive", name + ": " + e.getMessage());
        } catch (IOException e) {
            throw new Unavailable("open " + name, e.toString(), e);
        }
    }

    public List<Offered> images() {
        return images.entrySet().stream()
                .map(image -> new Offered(image.getKey(), image.getValue()))
                .toList();
    }

    /** A manifest, configuration or layer. */
    public Optional<ArchiveContent> blob(Digest digest) throws IOException {
        ArchiveContent own = made.get(digest);
        return own != null ? Optional.of(own) : files.find("blobs/" + digest.algorithm() + "/" + digest.hex());
    }

    /**
     * What the blobs of an image take together; 0 where that is not known before it is read.
     *
     * @throws InvalidSpec if its manifest is not there, or not what its digest says
     */
    public long size(Offered image) {
        Digest digest = image.manifest();
        try {
            byte[] document = required(blob(digest), "blob " + digest);
            if (!digest.sameAlgorithm(digest.newHash(), document).equals(digest)) {
                throw new InvalidSpec("archive", "blob " + digest + " is not what its name says");
            }
            return Manifest.parse(document) instanceof Manifest.Image(Descriptor config, List<Descriptor> layers)
                    ? config.size()
                            + layers.stream().mapToLong(Descriptor::size).sum()
                    : 0;
        } catch (IOException e) {
            throw new InvalidSpec("archive", String.valueOf(e.getMessage()));
        }
    }

    private void index() throws IOException {
        Optional<ArchiveContent> layout = files.find("index.json");
        if (layout.isPresent()) {
            readLayout(JsonTree.parse(layout.get().bytes(DOCUMENT_BYTES)));
            return;
        }
        Optional<ArchiveContent> saved = files.find("manifest.json");
        if (saved.isEmpty()) {
            throw new LayerFault("it has neither index.json nor manifest.json: this is no archive of images");
        }
        String list = "{\"images\":" + new String(saved.get().bytes(DOCUMENT_BYTES), StandardCharsets.UTF_8) + "}";
        for (JsonTree image :
                JsonTree.parse(list.getBytes(StandardCharsets.UTF_8)).list("images")) {
            readSaved(image);
        }
    }

    /** OCI image layout, "index.json file"; the first annotation is containerd's. */
    private void readLayout(JsonTree index) {
        for (JsonTree manifest : index.list("manifests")) {
            Map<String, String> notes = manifest.textMap("annotations");
            String tag = notes.getOrDefault("org.opencontainers.image.ref.name", "");
            String name = notes.getOrDefault("io.containerd.image.name", tag);
            List<String> names = images.computeIfAbsent(Digest.parse(manifest.text("digest")), _ -> new ArrayList<>());
            if (!name.isEmpty() && !names.contains(name)) {
                names.add(name);
            }
        }
    }

    /** Docker keeps no manifest: one is made of the configuration and the layers. */
    private void readSaved(JsonTree image) throws IOException {
        String config = part(image.text("Config"), "config.v1+json");
        List<String> layers = new ArrayList<>();
        for (String layer : image.texts("Layers")) {
            layers.add(part(layer, "layer.v1.tar"));
        }
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":" + config
                        + ",\"layers\":[" + layers.stream().collect(Collectors.joining(",")) + "]}")
                .getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.sha256(manifest);
        made.put(digest, ArchiveContent.of(manifest));
        images.computeIfAbsent(digest, _ -> new ArrayList<>()).addAll(image.texts("RepoTags"));
    }

    private String part(String name, String type) throws IOException {
        ArchiveContent content = files.find(name).orElseThrow(() -> new LayerFault(name + " is missing"));
        Digest digest = hash(content);
        made.put(digest, content);
        return "{\"mediaType\":\"application/vnd.oci.image." + type + "\",\"digest\":\"" + digest + "\",\"size\":"
                + content.size() + "}";
    }

    private static Digest hash(ArchiveContent content) throws IOException {
        MessageDigest hash = ANY.newHash();
        try (InputStream in = new DigestInputStream(content.from(0), hash)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return ANY.sameAlgorithm(hash);
    }

    private static byte[] required(Optional<ArchiveContent> content, String name) throws IOException {
        if (content.isEmpty()) {
            throw new LayerFault(name + " is missing");
        }
        return content.get().bytes(DOCUMENT_BYTES);
    }

    @Override
    public void close() {
        try {
            files.close();
        } catch (IOException e) {
            throw new Unavailable("close archive", e.toString(), e);
        }
    }
}
