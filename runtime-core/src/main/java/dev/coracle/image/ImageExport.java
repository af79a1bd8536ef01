package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.ExportDocuments.Written;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes images as an OCI image layout, which is a docker archive as well: {@code manifest.json} lies beside {@code index.json}, as
 * docker does it since version 25. Layers are made anew of their files, so their digests, the configuration's diff IDs and with them the
 * image's id are others than those of the registry, but the same each time.
 *
 * <p>Nothing is locked: layers never change, and go by being renamed. One that is still in its place when it has been read has been
 * there all the time. {@link #write} is confined to one platform thread; {@link #how} is safe for any.
 */
public final class ImageExport {
    private final ImageShelf shelf;
    private final ExportTarget target;
    private final Map<List<Digest>, Descriptor> made = new HashMap<>();
    private volatile String doing = "";
    private final AtomicLong passed = new AtomicLong();

    private ImageExport(ImageShelf shelf, ExportTarget target) {
        this.shelf = shelf;
        this.target = target;
    }

    /** As files below a folder that is there and empty. */
    public static ImageExport toFolder(ImageShelf shelf, Path folder) {
        return new ImageExport(shelf, new ExportFolder(folder));
    }

    /** As a tar archive; {@code out} stays the caller's to close. */
    public static ImageExport toArchive(ImageShelf shelf, OutputStream out) {
        return new ImageExport(shelf, new ExportArchive(out));
    }

    /**
     * An image that was exported.
     *
     * @param names those it has in the export
     * @param here its id on this machine
     * @param there its id in the export, which is another if the layers were not packed as they are now
     */
    public record Exported(List<String> names, Digest here, Digest there) {
        public Exported {
            names = List.copyOf(names);
        }
    }

    /** An image and the names that it keeps. */
    private record Wanted(ImageRecord image, Set<String> names) {}

    /**
     * Writes images. One that is named by a tag keeps this name, one that is named by its id or digest keeps all its tags.
     *
     * @throws NotFound naming the first that is not there; nothing is written then
     * @throws InvalidSpec if a name is the beginning of several ids
     * @throws Unavailable if the images cannot be read or the export cannot be written
     */
    public List<Exported> write(List<String> names) {
        List<Written> written = new ArrayList<>();
        List<Exported> exported = new ArrayList<>();
        String action = "export";
        try {
            for (Wanted wanted : wanted(names)) {
                ImageRecord image = wanted.image();
                action = "export " + label(wanted);
                Written one = write(wanted, label(wanted));
                written.add(one);
                exported.add(new Exported(
                        one.names(), image.image().id(), one.config().digest()));
            }
            target.file("index.json", ExportDocuments.index(written));
            target.file("manifest.json", ExportDocuments.saved(written));
            target.file("oci-layout", ExportDocuments.LAYOUT);
            target.finish();
            return exported;
        } catch (IOException e) {
            throw new Unavailable(action, String.valueOf(e.getMessage()), e);
        }
    }

    /** How far it is, for a human. */
    public String how() {
        return doing.isEmpty() ? "" : doing + ", %.1f MiB".formatted(passed.get() / (double) (1 << 20));
    }

    private List<Wanted> wanted(List<String> names) throws IOException {
        Map<Digest, Wanted> wanted = new LinkedHashMap<>();
        for (String name : names) {
            ImageRecord record = shelf.record(name).orElseThrow(() -> new NotFound("image", name));
            wanted.computeIfAbsent(record.image().id(), _ -> new Wanted(record, new LinkedHashSet<>()))
                    .names()
                    .addAll(kept(record.image(), name));
        }
        return List.copyOf(wanted.values());
    }

    private static List<String> kept(Image image, String name) {
        try {
            String whole = Reference.parse(name).toString();
            return image.repoTags().contains(whole) ? List.of(whole) : image.repoTags();
        } catch (InvalidSpec e) {
            return image.repoTags(); // it was found by its id
        }
    }

    private static String label(Wanted wanted) {
        return wanted.names().isEmpty()
                ? wanted.image().image().id().toString()
                : wanted.names().iterator().next();
    }

    private Written write(Wanted wanted, String label) throws IOException {
        ImageRecord image = wanted.image();
        String text = image.image().configJson();
        ConfigFile config = ConfigFile.parse(text.getBytes(StandardCharsets.UTF_8));
        int count = config.diffIds().size();
        if (image.layers().size() < count) {
            throw new CorruptRecord(label, "it has fewer layers than its configuration names");
        }
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            doing = "%s: layer %d of %d".formatted(label, i + 1, count);
            // the layer of directories on top is not the image's: whoever unpacks the others makes one
            layers.add(layer(image.layers().subList(0, i + 1).reversed()));
        }
        List<Digest> diffIds = layers.stream().map(Descriptor::digest).toList();
        Descriptor configuration = target.blob(ExportDocuments.CONFIG, ExportDocuments.config(config, text, diffIds));
        Descriptor manifest = target.blob(ExportDocuments.MANIFEST, ExportDocuments.manifest(configuration, layers));
        return new Written(manifest, configuration, layers, List.copyOf(wanted.names()));
    }

    /** The first of these; the others are those below it. What is below matters only to hard links that lead there. */
    private Descriptor layer(List<Digest> stack) throws IOException {
        try (OpenedLayers layers = new OpenedLayers(shelf, stack)) {
            List<Digest> key = layers.first().notes().lowerLinks().isEmpty() ? stack.subList(0, 1) : stack;
            Descriptor before = made.get(key);
            if (before != null) {
                return before;
            }
            Descriptor blob = target.blob(ExportDocuments.LAYER, out -> {
                passed.set(0);
                LayerTar.write(layers.first(), layers.below(), new Counting(out));
                layers.requireInPlace();
            });
            made.put(List.copyOf(key), blob);
            return blob;
        }
    }

    /** Tells how far a layer is. */
    private final class Counting extends FilterOutputStream {
        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            passed.addAndGet(length);
        }
    }
}
