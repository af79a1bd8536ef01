package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.spec.ImageConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images on this machine. Readers take no lock: they see the last published map. Changes belong to this object's monitor, and
 * write their file inside it, about a millisecond; {@link #lease} never waits for the disk, as leases have a lock of their own.
 *
 * <p>Every image is a file that is written durably, after its layers: killed at any moment, an image is whole or absent.
 *
 * <p>After a restart: {@link #open}, then {@link #lease} again for every container that is left, then {@link #startCollecting}.
 */
public final class Images implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Images.class);

    private final ImagePaths paths;
    private final LayerStore layers;
    private final Pins pins;
    private final Object leaseLock = new Object();
    private final Map<String, Digest> leases = new HashMap<>();
    private volatile Map<Digest, ImageRecord> records = Map.of();

    private Images(ImagePaths paths, LayerStore layers, Pins pins) {
        this.paths = paths;
        this.pins = pins;
        this.layers = layers;
    }

    /** The same, with nothing pinned. */
    public static Images open(Path directory) {
        return open(directory, Pins.NONE);
    }

    /**
     * Reads what is there, and moves what a crash left half done out of the way.
     *
     * @param directory of images and nothing else; made if it is missing
     * @throws Unavailable if the directory cannot be used
     */
    public static Images open(Path directory, Pins pins) {
        ImagePaths paths = new ImagePaths(directory);
        try {
            Files.createDirectories(paths.records());
            Images images = new Images(paths, LayerStore.open(paths), pins);
            images.load();
            return images;
        } catch (IOException e) {
            throw new Unavailable("open images in " + directory, e.toString(), e);
        }
    }

    /** All images, in no particular order. */
    public List<Image> list() {
        return records.values().stream()
                .filter(record -> !record.removed())
                .map(ImageRecord::image)
                .toList();
    }

    /**
     * The image of this name: with a tag, a digest or both, or an id, whole or the beginning of one that no other image has.
     *
     * @throws InvalidSpec if the beginning of an id is that of several
     */
    public Optional<Image> find(String name) {
        return record(name).map(ImageRecord::image);
    }

    /** Whether it shall stay when disk space runs short (CRI {@code Image.pinned}); who removes it by name may do so. */
    public boolean isPinned(Image image) {
        return pins.hold(image);
    }

    /** What the image of this name says about running it. */
    public Optional<ImageConfig> config(String name) {
        return find(name).map(Image::config);
    }

    /**
     * Removes the image that has this name or id, with all its names. It is gone from the list when this returns; layers that
     * nobody else holds are deleted in the background. Removing what is not there is no failure.
     */
    public synchronized void remove(String name) {
        Optional<ImageRecord> found = record(name);
        if (found.isEmpty()) {
            return;
        }
        ImageRecord record = found.get();
        try {
            synchronized (leaseLock) {
                publish(record.asRemoved());
            }
            if (!deleteIfFree(record)) {
                write(record.asRemoved());
            }
        } catch (IOException e) {
            throw new Unavailable("remove image " + name, e.toString(), e);
        }
    }

    /**
     * Keeps the layers of an image for a container until {@link #release}, also beyond the image's removal. The same container
     * may ask again and gets the same; after a restart it may also name an image that was removed meanwhile.
     *
     * @param id {@code sha256:…} as in {@link Image#id}
     * @throws NotFound if there is no such image
     */
    public LayerStack lease(String containerId, String id) {
        synchronized (leaseLock) {
            ImageRecord record = idOf(id).map(records::get).orElseThrow(() -> new NotFound("image", id));
            leases.put(containerId, record.image().id());
            return stack(record);
        }
    }

    /** The image whose layers a container holds, also when it was removed since. */
    public Optional<Image> leased(String containerId) {
        synchronized (leaseLock) {
            return Optional.ofNullable(leases.get(containerId))
                    .map(records::get)
                    .map(ImageRecord::image);
        }
    }

    /** Ends a container's lease, and those named by paths below it; of one that has none, this is nothing. */
    public void release(String containerId) {
        Set<Digest> ids = new HashSet<>();
        synchronized (leaseLock) {
            leases.entrySet().removeIf(lease -> {
                boolean ends =
                        lease.getKey().equals(containerId) || lease.getKey().startsWith(containerId + "/");
                if (ends) {
                    ids.add(lease.getValue());
                }
                return ends;
            });
        }
        ids.stream().filter(this::isRemovedAndFree).forEach(this::purge);
    }

    /** What all layers take on disk; costs nothing, as it is kept up with every layer that comes and goes. */
    public ImageUsage usage() {
        return layers.usage();
    }

    /** To be called once, when all containers that were left from before have their leases: from now on leftovers go. */
    public void startCollecting() {
        for (ImageRecord record : List.copyOf(records.values())) {
            if (isRemovedAndFree(record.image().id())) {
                purge(record.image().id());
            }
        }
        layers.startCollecting();
    }

    @Override
    public void close() {
        layers.close();
    }

    LayerStore layers() {
        return layers;
    }

    /**
     * Makes an image real: durable, listed, and owner of its names, which other images lose. Takes over the caller's hold of its
     * layers.
     */
    synchronized Image commit(ImageRecord pulled) throws IOException {
        layers.makeDurable();
        ImageRecord before = records.get(pulled.image().id());
        ImageRecord record = before == null ? pulled : union(before, pulled);
        write(record);
        publish(record);
        if (before != null) {
            layers.release(pulled.layers());
        }
        for (ImageRecord other : List.copyOf(records.values())) {
            takeTags(other, record);
        }
        return record.image();
    }

    /** The disk need not know: of several images with a name the youngest has it after a restart. */
    private void takeTags(ImageRecord other, ImageRecord from) {
        List<String> left = new ArrayList<>(other.image().repoTags());
        boolean changed = left.removeAll(from.image().repoTags());
        if (changed && !other.image().id().equals(from.image().id())) {
            ImageRecord fewer = other.withNames(left, other.image().repoDigests());
            publish(fewer);
            try {
                write(fewer);
            } catch (IOException e) {
                LOG.warn("write image {}: {}", other.image().id(), e.toString());
            }
        }
    }

    private static ImageRecord union(ImageRecord before, ImageRecord pulled) {
        return new ImageRecord(
                pulled.withNames(
                                union(before.image().repoTags(), pulled.image().repoTags()),
                                union(
                                        before.image().repoDigests(),
                                        pulled.image().repoDigests()))
                        .image(),
                before.layers(),
                before.root(),
                false,
                pulled.updated());
    }

    private static List<String> union(List<String> a, List<String> b) {
        Set<String> both = new LinkedHashSet<>(a);
        both.addAll(b);
        return List.copyOf(both);
    }

    private Optional<ImageRecord> record(String name) {
        List<ImageRecord> listed =
                records.values().stream().filter(record -> !record.removed()).toList();
        return ImageNames.find(listed, name);
    }

    private static Optional<Digest> idOf(String id) {
        try {
            return Optional.of(Digest.parse(id));
        } catch (InvalidSpec e) {
            return Optional.empty();
        }
    }

    private LayerStack stack(ImageRecord record) {
        return LayerStack.of(record, paths.shortNames(), layers::record);
    }

    private boolean isLeased(Digest id) {
        synchronized (leaseLock) {
            return leases.containsValue(id);
        }
    }

    private boolean isRemovedAndFree(Digest id) {
        ImageRecord record = records.get(id);
        return record != null && record.removed() && !isLeased(id);
    }

    /** Called when the last lease of a removed image ends: on the thread of the container's removal. */
    private synchronized void purge(Digest id) {
        ImageRecord record = records.get(id);
        if (record == null || !record.removed()) {
            return;
        }
        try {
            deleteIfFree(record);
        } catch (IOException e) {
            LOG.warn("delete the record of image {}: {}", id, e.toString());
        }
    }

    /** Says false, and does nothing, where a container still holds it. */
    private boolean deleteIfFree(ImageRecord record) throws IOException {
        synchronized (leaseLock) {
            if (leases.containsValue(record.image().id())) {
                return false;
            }
            Map<Digest, ImageRecord> fewer = new LinkedHashMap<>(records);
            fewer.remove(record.image().id());
            records = Map.copyOf(fewer);
        }
        DurableFile.delete(paths.image(record.image().id()));
        layers.release(record.layers());
        return true;
    }

    private void publish(ImageRecord record) {
        Map<Digest, ImageRecord> more = new LinkedHashMap<>(records);
        more.put(record.image().id(), record);
        records = Map.copyOf(more);
    }

    private void write(ImageRecord record) throws IOException {
        DurableFile.write(paths.image(record.image().id()), record.toJson());
    }

    private synchronized void load() throws IOException {
        List<ImageRecord> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.records())) {
            for (Path file : files) {
                read(file).ifPresent(found::add);
            }
        }
        ImageNames.settled(found).forEach(this::publish);
    }

    /** An image whose file is damaged or whose layers are not all there is given up: it has to be pulled again. */
    private Optional<ImageRecord> read(Path file) throws IOException {
        if (file.getFileName().toString().startsWith(".")) {
            Files.deleteIfExists(file);
            return Optional.empty();
        }
        String reason = "a layer of it is missing";
        try {
            ImageRecord record = ImageRecord.read(file);
            if (layers.hold(record.layers())) {
                return Optional.of(record);
            }
        } catch (CorruptRecord e) {
            reason = String.valueOf(e.getMessage());
        }
        LOG.warn("image {} is given up: {}", file.getFileName(), reason);
        Files.deleteIfExists(file);
        return Optional.empty();
    }
}
