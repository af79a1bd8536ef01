package dev.coracle.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The JSON documents of an export. Pure functions. */
final class ExportDocuments {
    static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final byte[] LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private static final JsonFactory FACTORY = new JsonFactory();

    private ExportDocuments() {}

    /**
     * An image of the export.
     *
     * @param names whole, with tags; may be none
     */
    record Written(Descriptor manifest, Descriptor config, List<Descriptor> layers, List<String> names) {
        Written {
            layers = List.copyOf(layers);
            names = List.copyOf(names);
        }
    }

    static byte[] manifest(Descriptor config, List<Descriptor> layers) {
        return document(json -> {
            json.writeNumberProperty("schemaVersion", 2);
            json.writeStringProperty("mediaType", MANIFEST);
            json.writeName("config");
            descriptor(json, config, Map.of());
            json.writeArrayPropertyStart("layers");
            layers.forEach(layer -> descriptor(json, layer, Map.of()));
            json.writeEndArray();
        });
    }

    /**
     * {@code index.json}: an entry for each name. The annotation that other tools choose by is the tag, as docker and containerd have it,
     * but where two images have the same tag it is the whole name.
     */
    static byte[] index(List<Written> images) {
        List<String> tags = images.stream()
                .flatMap(image -> image.names().stream())
                .map(ExportDocuments::tag)
                .toList();
        return document(json -> {
            json.writeNumberProperty("schemaVersion", 2);
            json.writeStringProperty("mediaType", INDEX);
            json.writeArrayPropertyStart("manifests");
            for (Written image : images) {
                for (String name : image.names()) {
                    boolean own = tags.indexOf(tag(name)) == tags.lastIndexOf(tag(name));
                    descriptor(
                            json,
                            image.manifest(),
                            Map.of(
                                    "io.containerd.image.name",
                                    name,
                                    "org.opencontainers.image.ref.name",
                                    own ? tag(name) : name));
                }
                if (image.names().isEmpty()) {
                    descriptor(json, image.manifest(), Map.of());
                }
            }
            json.writeEndArray();
        });
    }

    /** {@code manifest.json}, by which docker loads. */
    static byte[] saved(List<Written> images) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartArray();
            for (Written image : images) {
                json.writeStartObject();
                json.writeStringProperty(
                        "Config", ExportTarget.nameOf(image.config().digest()));
                texts(json, "RepoTags", image.names());
                texts(
                        json,
                        "Layers",
                        image.layers().stream()
                                .map(layer -> ExportTarget.nameOf(layer.digest()))
                                .toList());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        return out.toByteArray();
    }

    /** A configuration with other diff IDs: all else is as it was, and where they are the same it is that to the byte. */
    static byte[] config(ConfigFile before, String text, List<Digest> diffIds) {
        if (before.diffIds().equals(diffIds)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonParser from = FACTORY.createParser(ObjectReadContext.empty(), text);
                JsonGenerator to = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            while (from.nextToken() != null) {
                to.copyCurrentEventExact(from);
                if (from.currentToken() == JsonToken.PROPERTY_NAME && isDiffIds(from)) {
                    from.nextToken();
                    from.skipChildren();
                    to.writeStartArray();
                    diffIds.forEach(digest -> to.writeString(digest.toString()));
                    to.writeEndArray();
                }
            }
        }
        return out.toByteArray();
    }

    private static boolean isDiffIds(JsonParser at) {
        return at.streamReadContext().pathAsPointer().toString().equals("/rootfs/diff_ids");
    }

    private static byte[] document(Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            fields.accept(json);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void descriptor(JsonGenerator json, Descriptor descriptor, Map<String, String> annotations) {
        json.writeStartObject();
        json.writeStringProperty("mediaType", descriptor.mediaType());
        json.writeStringProperty("digest", descriptor.digest().toString());
        json.writeNumberProperty("size", descriptor.size());
        if (!annotations.isEmpty()) {
            json.writeObjectPropertyStart("annotations");
            new TreeMap<>(annotations).forEach(json::writeStringProperty);
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void texts(JsonGenerator json, String name, List<String> texts) {
        json.writeArrayPropertyStart(name);
        texts.forEach(json::writeString);
        json.writeEndArray();
    }

    private static String tag(String name) {
        return name.substring(name.lastIndexOf(':') + 1);
    }
}
