package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.image.LayerStack.RootDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An image as it is kept on disk, in one file.
 *
 * @param layers diff IDs from the lowest up, and the layer of directories on top if there is one
 * @param removed it is listed no more, but a container still runs on its layers
 * @param updated when it was last pulled, in milliseconds since 1970: where two images claim one tag, the later one has it
 */
record ImageRecord(Image image, List<Digest> layers, RootDirectory root, boolean removed, long updated) {
    private static final JsonFactory FACTORY = new JsonFactory();

    ImageRecord {
        layers = List.copyOf(layers);
    }

    ImageRecord withNames(List<String> repoTags, List<String> repoDigests) {
        Image named = new Image(image.id(), repoTags, repoDigests, image.size(), image.config(), image.configJson());
        return new ImageRecord(named, layers, root, removed, updated);
    }

    /** Without any name, and not to be listed. */
    ImageRecord asRemoved() {
        return new ImageRecord(withNames(List.of(), List.of()).image, layers, root, true, updated);
    }

    byte[] toJson() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("id", image.id().toString());
            writeTexts(json, "repoTags", image.repoTags());
            writeTexts(json, "repoDigests", image.repoDigests());
            writeTexts(json, "layers", layers.stream().map(Digest::toString).toList());
            json.writeNumberProperty("size", image.size());
            json.writeNumberProperty("rootMode", root.mode());
            json.writeNumberProperty("rootUid", root.uid());
            json.writeNumberProperty("rootGid", root.gid());
            json.writeBooleanProperty("removed", removed);
            json.writeNumberProperty("updated", updated);
            json.writeStringProperty("config", image.configJson());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void writeTexts(JsonGenerator json, String name, List<String> texts) {
        json.writeArrayPropertyStart(name);
        texts.forEach(json::writeString);
        json.writeEndArray();
    }

    /** @throws CorruptRecord if the file is not there or not one that was written here */
    static ImageRecord read(Path file) {
        try {
            JsonTree root = JsonTree.parse(Files.readAllBytes(file));
            String config = root.text("config");
            Image image = new Image(
                    Digest.parse(root.text("id")),
                    root.texts("repoTags"),
                    root.texts("repoDigests"),
                    root.number("size"),
                    ConfigFile.parse(config.getBytes(StandardCharsets.UTF_8)).config(),
                    config);
            return new ImageRecord(
                    image,
                    root.texts("layers").stream().map(Digest::parse).toList(),
                    new RootDirectory(
                            (int) root.number("rootMode"), (int) root.number("rootUid"), (int) root.number("rootGid")),
                    root.flag("removed"),
                    root.number("updated"));
        } catch (IOException | RuntimeException e) {
            throw new CorruptRecord(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }
}
