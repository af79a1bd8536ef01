package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The images of a state directory, looked at by somebody who does not own it: nothing is changed and nothing is locked, and a daemon may
 * be using it. Immutable; any thread.
 */
public final class ImageShelf {
    private final ImagePaths paths;

    /** {@code directory} is that of images and nothing else; it may be missing. */
    public ImageShelf(Path directory) {
        this.paths = new ImagePaths(directory);
    }

    /** An image and its layers, as {@link Images#lease} would give them. */
    public record Found(Image image, LayerStack layers) {}

    /**
     * As {@link Images#find}.
     *
     * @throws InvalidSpec if the name is the beginning of several ids
     * @throws Unavailable if the directory cannot be read
     */
    public Optional<Found> find(String name) {
        try {
            return ImageNames.find(records(), name).map(record -> new Found(record.image(), stack(record)));
        } catch (IOException e) {
            throw new Unavailable("look for image " + name, e.toString(), e);
        }
    }

    /**
     * The same, as it is kept.
     *
     * @throws InvalidSpec if the name is the beginning of several ids
     */
    Optional<ImageRecord> record(String name) throws IOException {
        return ImageNames.find(records(), name);
    }

    /**
     * Opens a layer. It may go meanwhile.
     *
     * @throws CorruptRecord if it is not there or damaged
     */
    LayerView view(Digest diffId) throws IOException {
        Path directory = paths.layer(diffId);
        LayerRecord record = LayerRecord.read(ImagePaths.record(directory));
        return new LayerView(ImagePaths.files(directory), record.readNotes(ImagePaths.notes(directory)));
    }

    /** Where a layer's files are while it is there. */
    Path files(Digest diffId) {
        return ImagePaths.files(paths.layer(diffId));
    }

    private LayerStack stack(ImageRecord record) {
        return LayerStack.of(
                record, paths.shortNames(), layer -> LayerRecord.read(ImagePaths.record(paths.layer(layer))));
    }

    private List<ImageRecord> records() throws IOException {
        List<ImageRecord> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.records(), "*.json")) {
            for (Path file : files) {
                read(file).filter(record -> !record.removed()).ifPresent(found::add);
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return ImageNames.settled(found);
    }

    /** What goes while one looks, or is damaged, is not there. */
    private static Optional<ImageRecord> read(Path file) {
        try {
            return Optional.of(ImageRecord.read(file));
        } catch (CorruptRecord e) {
            return Optional.empty();
        }
    }
}
