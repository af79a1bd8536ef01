package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.linux.Fd;
import dev.coracle.linux.Flock;
import dev.coracle.linux.Linux;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers on disk and who holds them. All of its fields belong to its own monitor, which is held for renames and never for
 * a sync. A layer that is let go by the last holder goes into the trash; until {@link #startCollecting} nothing does, as those
 * who held layers before a restart come back first.
 */
final class LayerStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LayerStore.class);
    private static final int RADIX = 36;

    /** A layer and how many hold it. */
    private static final class Kept {
        LayerRecord record;
        int holders;

        Kept(LayerRecord record) {
            this.record = record;
        }
    }

    private final ImagePaths paths;
    private final Trash trash;
    private final SharedSync sync;
    private final Map<Digest, Kept> layers = new HashMap<>();
    private final BitSet shortNames = new BitSet();
    private boolean collecting;
    private long bytes;
    private long inodes;

    private LayerStore(ImagePaths paths) {
        this.paths = paths;
        this.trash = new Trash(paths.trash());
        this.sync = new SharedSync(this::syncFileSystem);
    }

    /** Reads what is there, and sweeps away what a process that died left half done. */
    static LayerStore open(ImagePaths paths) throws IOException {
        for (Path directory :
                List.of(paths.layers(), paths.shortName(ImagePaths.NOTHING), paths.staging(), paths.trash())) {
            Files.createDirectories(directory);
        }
        LayerStore store = new LayerStore(paths);
        store.load();
        store.sweepStaging();
        store.mendShortNames();
        store.trash.start();
        return store;
    }

    /**
     * Holds a layer for the caller, if it is there and known to be what {@code blob} unpacks to. Without that knowledge an image
     * could name a layer of another one as its own without ever having had its content. One that is found damaged is not there:
     * unpacked anew, it mends this one.
     */
    Optional<LayerRecord> hold(Digest diffId, Digest blob) {
        boolean sound = isSound(diffId);
        synchronized (this) {
            Kept kept = layers.get(diffId);
            if (kept == null || !sound || !kept.record.blobs().contains(blob)) {
                return Optional.empty();
            }
            kept.holders++;
            return Optional.of(kept.record);
        }
    }

    /** Holds all of these layers for the caller, or none of them if one is not there. */
    synchronized boolean hold(Collection<Digest> diffIds) {
        if (!layers.keySet().containsAll(diffIds)) {
            return false;
        }
        for (Digest diffId : diffIds) {
            kept(diffId).holders++;
        }
        return true;
    }

    /** Ends one hold of each of these layers. */
    synchronized void release(Collection<Digest> diffIds) {
        for (Digest diffId : diffIds) {
            Kept kept = kept(diffId);
            kept.holders--;
            if (kept.holders == 0 && collecting) {
                discard(diffId);
            }
        }
    }

    /** A place to unpack a layer to. Deleting waits until it is adopted or dropped. */
    StagedLayer stage() throws IOException {
        trash.unpackingStarts();
        try {
            return StagedLayer.in(paths.staging());
        } catch (IOException e) {
            trash.unpackingEnds();
            throw e;
        }
    }

    /**
     * Makes a staged layer real, and holds it for the caller. Waits for the disk; after it returns the layer survives a power cut
     * once {@link #makeDurable} was called.
     *
     * @param blob what it was unpacked from; null for one that was made here
     */
    LayerRecord adopt(StagedLayer staged, Digest diffId, @Nullable Digest blob, LayerNotes notes) throws IOException {
        Set<Digest> blobs = blob == null ? Set.of() : Set.of(blob);
        LayerRecord record =
                new LayerRecord(diffId, reserveName(), blobs, notes.bytes(), notes.inodes(), notes.hidesAll());
        try {
            staged.seal(record, notes);
            sync.await();
            mend(staged, diffId);
            LayerRecord kept = install(staged, record);
            if (blob != null && !kept.blobs().contains(blob)) {
                return learnOrRelease(diffId, blob);
            }
            return kept;
        } finally {
            freeUnusedName(record);
            drop(staged);
        }
    }

    private void syncFileSystem() throws IOException {
        String directory = paths.staging().toString();
        try (Fd fd = new Linux().openat(null, directory, Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
            fd.syncFileSystem();
        }
    }

    /** Deletes what is left of a staged layer. */
    void drop(StagedLayer staged) throws IOException {
        try {
            trash.take(staged.directory());
        } finally {
            staged.close();
            trash.unpackingEnds();
        }
    }

    /** Syncs the directory that layers were renamed into. */
    void makeDurable() throws IOException {
        DurableFile.syncDirectory(paths.layers());
    }

    synchronized LayerRecord record(Digest diffId) {
        return kept(diffId).record;
    }

    /** Opens a layer that the caller holds, to look into it. */
    LayerView view(Digest diffId) throws IOException {
        Path directory = paths.layer(diffId);
        return new LayerView(ImagePaths.files(directory), record(diffId).readNotes(ImagePaths.notes(directory)));
    }

    /** What all layers take, held or not. */
    synchronized ImageUsage usage() {
        return new ImageUsage(paths.root(), bytes, inodes);
    }

    /** From now on, what nobody holds is deleted. */
    synchronized void startCollecting() {
        collecting = true;
        List<Digest> unheld = layers.entrySet().stream()
                .filter(layer -> layer.getValue().holders == 0)
                .map(Map.Entry::getKey)
                .toList();
        unheld.forEach(this::discard);
    }

    @Override
    public void close() {
        trash.close();
    }

    private synchronized LayerRecord install(StagedLayer staged, LayerRecord record) throws IOException {
        Kept kept = layers.get(record.diffId());
        if (kept == null) {
            place(staged, record);
            kept = add(record);
        }
        kept.holders++;
        return kept.record;
    }

    /** All of it or nothing, on a full disk too. A name of what is not there is swept at start. */
    private void place(StagedLayer staged, LayerRecord record) throws IOException {
        link(record);
        try {
            Files.move(staged.directory(), paths.layer(record.diffId()));
        } catch (IOException e) {
            Files.deleteIfExists(paths.shortName(record.shortName()));
            throw e;
        }
    }

    /** Whether all that is kept of a layer can be read; its files themselves are not looked at. */
    private boolean isSound(Digest diffId) {
        Path directory = paths.layer(diffId);
        if (!Files.exists(directory)) {
            return false;
        }
        try {
            LayerRecord.read(ImagePaths.record(directory)).readNotes(ImagePaths.notes(directory));
            return Files.isDirectory(ImagePaths.files(directory), LinkOption.NOFOLLOW_LINKS);
        } catch (CorruptRecord e) {
            LOG.warn("layer {} is damaged: {}", diffId, e.getMessage());
            return false;
        }
    }

    /**
     * Replaces what is damaged of a layer that others hold by what was unpacked anew. Containers may run on its files: these stay
     * where they are there. Waits for the disk inside the monitor, as it hardly ever comes to this.
     */
    private synchronized void mend(StagedLayer staged, Digest diffId) throws IOException {
        Kept kept = layers.get(diffId);
        if (kept == null || isSound(diffId)) {
            return;
        }
        Path directory = paths.layer(diffId);
        if (!Files.exists(directory)) {
            Files.move(staged.directory(), directory);
        } else {
            Files.move(
                    ImagePaths.notes(staged.directory()),
                    ImagePaths.notes(directory),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
            if (!Files.isDirectory(ImagePaths.files(directory), LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(ImagePaths.files(directory));
                Files.move(staged.files(), ImagePaths.files(directory));
            }
        }
        DurableFile.write(ImagePaths.record(directory), kept.record.toJson());
        LOG.info("layer {} is mended", diffId);
    }

    private LayerRecord learnOrRelease(Digest diffId, Digest blob) throws IOException {
        try {
            return learn(diffId, blob);
        } catch (IOException e) {
            release(List.of(diffId));
            throw e;
        }
    }

    /** Remembers that this blob unpacks to this layer, so that it need not be fetched again. */
    private LayerRecord learn(Digest diffId, Digest blob) throws IOException {
        LayerRecord more;
        synchronized (this) {
            more = kept(diffId).record.withBlob(blob);
            kept(diffId).record = more;
        }
        DurableFile.write(ImagePaths.record(paths.layer(diffId)), more.toJson());
        return more;
    }

    private Kept add(LayerRecord record) {
        Kept kept = new Kept(record);
        layers.put(record.diffId(), kept);
        shortNames.set(Integer.parseInt(record.shortName(), RADIX));
        bytes += record.bytes();
        inodes += record.inodes();
        return kept;
    }

    private void discard(Digest diffId) {
        LayerRecord record = kept(diffId).record;
        try {
            Files.deleteIfExists(paths.shortName(record.shortName()));
            trash.take(paths.layer(diffId));
        } catch (IOException e) {
            LOG.warn("delete layer {}: {}", diffId, e.toString());
            return;
        }
        layers.remove(diffId);
        shortNames.clear(Integer.parseInt(record.shortName(), RADIX));
        bytes -= record.bytes();
        inodes -= record.inodes();
    }

    private Kept kept(Digest diffId) {
        Kept kept = layers.get(diffId);
        if (kept == null) {
            throw new IllegalStateException("no layer " + diffId);
        }
        return kept;
    }

    private synchronized String reserveName() {
        int free = shortNames.nextClearBit(0);
        shortNames.set(free);
        return Integer.toString(free, RADIX);
    }

    private synchronized void freeUnusedName(LayerRecord record) {
        Kept kept = layers.get(record.diffId());
        if (kept == null || !kept.record.shortName().equals(record.shortName())) {
            shortNames.clear(Integer.parseInt(record.shortName(), RADIX));
        }
    }

    private synchronized void load() throws IOException {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(paths.layers())) {
            for (Path directory : directories) {
                try {
                    add(readWhole(directory));
                } catch (CorruptRecord e) {
                    LOG.warn("a layer is given up, images that need it are gone: {}", e.getMessage());
                    trash.take(directory);
                }
            }
        }
    }

    /** Without reading the notes: there can be many layers, and a pull that needs them finds out. */
    private static LayerRecord readWhole(Path directory) {
        LayerRecord record = LayerRecord.read(ImagePaths.record(directory));
        if (!Files.isDirectory(ImagePaths.files(directory), LinkOption.NOFOLLOW_LINKS)) {
            throw new CorruptRecord(directory.toString(), "its files are not there");
        }
        return record;
    }

    private void sweepStaging() throws IOException {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(paths.staging())) {
            for (Path directory : directories) {
                Optional<Flock> lock = Flock.tryLock(ImagePaths.lock(directory));
                if (lock.isPresent()) {
                    trash.take(directory);
                    lock.get().close();
                }
            }
        }
    }

    /** The names follow from the records: what a crash left too many or too few is put right. */
    private synchronized void mendShortNames() throws IOException {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(paths.shortNames())) {
            for (Path link : links) {
                if (!Files.exists(link)) {
                    Files.delete(link);
                }
            }
        }
        for (Kept kept : layers.values()) {
            Path link = paths.shortName(kept.record.shortName());
            Path target = paths.shortNameTarget(kept.record.diffId());
            boolean right =
                    Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target);
            if (!right) {
                Files.deleteIfExists(link);
                link(kept.record);
            }
        }
    }

    private void link(LayerRecord record) throws IOException {
        Path link = paths.shortName(record.shortName());
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(link);
        }
        Files.createSymbolicLink(link, paths.shortNameTarget(record.diffId()));
    }
}
