package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What is kept of a layer beside its files.
 *
 * @param shortName its name among the short ones, as overlay's options have little room
 * @param blobs the blobs that were verified to unpack to it
 * @param bytes what its files take on disk
 * @param inodes what it takes of them
 * @param hidesAll nothing of the layers below it is seen
 */
record LayerRecord(Digest diffId, String shortName, Set<Digest> blobs, long bytes, long inodes, boolean hidesAll) {
    private static final JsonFactory FACTORY = new JsonFactory();

    LayerRecord {
        blobs = Set.copyOf(blobs);
    }

    LayerRecord withBlob(Digest blob) {
        Set<Digest> more = new TreeSet<>(blobs);
        more.add(blob);
        return new LayerRecord(diffId, shortName, more, bytes, inodes, hidesAll);
    }

    byte[] toJson() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("diffId", diffId.toString());
            json.writeStringProperty("shortName", shortName);
            json.writeArrayPropertyStart("blobs");
            new TreeSet<>(blobs).forEach(blob -> json.writeString(blob.toString()));
            json.writeEndArray();
            json.writeNumberProperty("bytes", bytes);
            json.writeNumberProperty("inodes", inodes);
            json.writeBooleanProperty("hidesAll", hidesAll);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** @throws CorruptRecord if the file is not there or not one that was written here */
    static LayerRecord read(Path file) {
        try {
            JsonTree root = JsonTree.parse(Files.readAllBytes(file));
            return new LayerRecord(
                    Digest.parse(root.text("diffId")),
                    root.text("shortName"),
                    root.texts("blobs").stream().map(Digest::parse).collect(Collectors.toSet()),
                    root.number("bytes"),
                    root.number("inodes"),
                    root.flag("hidesAll"));
        } catch (IOException | RuntimeException e) {
            throw new CorruptRecord(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What only the assembly of an image needs, in a file of its own: it can be long. */
    static byte[] notesToJson(LayerNotes notes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeBooleanProperty("rootGiven", notes.rootGiven());
            json.writeArrayPropertyStart("implied");
            notes.implied().forEach(path -> json.writeString(path.text()));
            json.writeEndArray();
            json.writeObjectPropertyStart("lowerLinks");
            notes.lowerLinks().forEach((path, target) -> json.writeStringProperty(path.text(), target.text()));
            json.writeEndObject();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** The notes that {@link #notesToJson} wrote, for this layer. */
    LayerNotes readNotes(Path file) {
        try {
            JsonTree root = JsonTree.parse(Files.readAllBytes(file));
            List<String> implied = root.texts("implied");
            Map<LayerPath, LayerPath> links = new HashMap<>();
            root.textMap("lowerLinks").forEach((path, target) -> links.put(new LayerPath(path), new LayerPath(target)));
            return new LayerNotes(
                    bytes,
                    inodes,
                    hidesAll,
                    root.flag("rootGiven"),
                    implied.stream().map(LayerPath::new).collect(Collectors.toSet()),
                    links);
        } catch (IOException | JsonTree.Malformed e) {
            throw new CorruptRecord(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }
}
