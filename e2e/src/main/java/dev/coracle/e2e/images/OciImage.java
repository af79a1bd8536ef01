package dev.coracle.e2e.images;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** An image of one platform: layers and a configuration, from which the manifest follows. Immutable. */
public record OciImage(
        List<Layer> layers, SortedMap<String, Object> config, Compression compression, String architecture) {
    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String EPOCH = "1970-01-01T00:00:00Z";

    /** The configuration's keys are those of OCI: User, Env, Entrypoint, Cmd, WorkingDir, Volumes, StopSignal, Labels … */
    public static OciImage of(List<Layer> layers, Object... config) {
        return new OciImage(List.copyOf(layers), Json.object(config), Compression.GZIP, "amd64");
    }

    public OciImage compressed(Compression how) {
        return new OciImage(layers, config, how, architecture);
    }

    public OciImage onArchitecture(String name) {
        return new OciImage(layers, config, compression, name);
    }

    /** The same image with another configuration on top of this one's. */
    public OciImage with(Object... changes) {
        SortedMap<String, Object> changed = new java.util.TreeMap<>(config);
        changed.putAll(Json.object(changes));
        return new OciImage(layers, changed, compression, architecture);
    }

    /** The same image with more layers on top. */
    public OciImage plus(Layer... more) {
        List<Layer> all = new ArrayList<>(layers);
        all.addAll(List.of(more));
        return new OciImage(List.copyOf(all), config, compression, architecture);
    }

    /** All that is pushed for this image, the manifest last. */
    public Packed pack() {
        List<Blob> tars = layers.stream().map(l -> new Blob(l.tar())).toList();
        List<Blob> compressed = tars.stream()
                .map(t -> new Blob(compression.compress(t.bytes())))
                .toList();
        Blob configuration = configuration(
                architecture, config, tars.stream().map(Blob::digest).toList());
        List<Blob> blobs = new ArrayList<>(compressed);
        blobs.add(configuration);
        return new Packed(
                blobs,
                manifest(
                        configuration,
                        compressed.stream()
                                .map(b -> descriptor(compression.mediaType(), b))
                                .toList()));
    }

    /** What is pushed for an image of this machine beside its layers, which are there already. */
    public static Packed around(List<LargeLayer.Written> layers) {
        String machine = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
        Blob configuration = configuration(
                machine,
                Json.object(),
                layers.stream().map(LargeLayer.Written::diffId).toList());
        List<SortedMap<String, Object>> descriptors = layers.stream()
                .map(l ->
                        Json.object("mediaType", Compression.GZIP.mediaType(), "size", l.size(), "digest", l.digest()))
                .toList();
        return new Packed(List.of(configuration), manifest(configuration, descriptors));
    }

    /** A configuration that says that its layers unpack to these diff IDs. */
    public static Blob configuration(String... diffIds) {
        return configuration("amd64", Json.object(), List.of(diffIds));
    }

    /** A manifest that says of its only layer that it has so many bytes. */
    public static Blob manifest(Blob configuration, Blob layer, long size) {
        return manifest(
                configuration,
                List.of(Json.object(
                        "mediaType", Compression.GZIP.mediaType(), "size", size, "digest", layer.digest())));
    }

    private static Blob configuration(String architecture, Object config, List<String> diffIds) {
        return new Blob(Json.bytes(Json.object(
                "architecture",
                architecture,
                "os",
                "linux",
                "created",
                EPOCH,
                "config",
                config,
                "rootfs",
                Json.object("type", "layers", "diff_ids", diffIds),
                "history",
                diffIds.stream()
                        .map(id -> Json.object("created", EPOCH, "created_by", id))
                        .toList())));
    }

    private static Blob manifest(Blob configuration, List<SortedMap<String, Object>> layers) {
        return new Blob(Json.bytes(Json.object(
                "schemaVersion",
                2,
                "mediaType",
                MANIFEST,
                "config",
                descriptor(CONFIG, configuration),
                "layers",
                layers)));
    }

    static SortedMap<String, Object> descriptor(String mediaType, Blob blob) {
        return Json.object("mediaType", mediaType, "size", blob.bytes().length, "digest", blob.digest());
    }

    /** The blobs of an image and its manifest. */
    public record Packed(List<Blob> blobs, Blob manifest) {}

    /** An index of images by platform ("linux/amd64", "linux/arm/v7"), in the order given. */
    public static Blob index(Map<String, Packed> platforms) {
        List<Object> manifests = new ArrayList<>();
        new LinkedHashMap<>(platforms).forEach((platform, packed) -> {
            String[] parts = platform.split("/", -1);
            SortedMap<String, Object> where = Json.object("os", parts[0], "architecture", parts[1]);
            if (parts.length > 2) {
                where.put("variant", parts[2]);
            }
            SortedMap<String, Object> descriptor = descriptor(MANIFEST, packed.manifest());
            descriptor.put("platform", where);
            manifests.add(descriptor);
        });
        return new Blob(Json.bytes(Json.object("schemaVersion", 2, "mediaType", INDEX, "manifests", manifests)));
    }
}
