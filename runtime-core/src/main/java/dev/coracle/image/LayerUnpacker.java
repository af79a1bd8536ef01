package dev.coracle.image;

import dev.coracle.linux.Fd;
import dev.coracle.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The second half of a layer's way: takes the tar stream from the pipe, hashes it, and places its entries in a directory.
 * Confined to one platform thread: it makes blocking system calls.
 */
final class LayerUnpacker {
    private final PullLimits limits;
    private final Path directory;

    /** @param directory empty, and nobody else's */
    LayerUnpacker(PullLimits limits, Path directory) {
        this.limits = limits;
        this.directory = directory;
    }

    /**
     * Unpacks all that comes out of the pipe.
     *
     * @param diffId what the stream must hash to
     * @throws BadBlob if the blob is not what was asked for: then whatever else was wrong does not count
     * @throws LayerFault if the layer is not what a layer may be, or hashes to something else
     * @throws TarStream.TooLarge if it is beyond the limits
     */
    LayerNotes unpack(ChunkPipe pipe, Digest diffId) throws IOException {
        TarStream stream = new TarStream(pipe, diffId.newHash(), limits.layerBytes());
        try {
            LayerNotes notes = unpack(stream);
            Digest found = diffId.sameAlgorithm(stream.finish());
            if (!found.equals(diffId)) {
                throw new LayerFault("it unpacks to diff ID " + found + ", the image's configuration says " + diffId);
            }
            return notes;
        } catch (LayerFault fault) {
            drain(stream, fault);
            throw fault;
        }
    }

    private LayerNotes unpack(TarStream stream) throws IOException {
        Linux linux = new Linux(StandardCharsets.ISO_8859_1);
        try (Fd root = new Linux().openat(null, directory.toString(), Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
                DirectoryTimes times =
                        new DirectoryTimes(directory.resolveSibling(directory.getFileName() + ".times"));
                LayerWriter writer = new LayerWriter(linux, root, times, limits.notedPaths())) {
            TarReader reader = new TarReader(stream);
            long entries = 0;
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                entries++;
                if (entries > limits.layerEntries()) {
                    throw new TarStream.TooLarge("it has more than " + limits.layerEntries() + " entries");
                }
                writer.place(entry, reader);
            }
            return writer.finish();
        }
    }

    /** Lets the blob come to its end, where its digest is checked, before its content is blamed. */
    private static void drain(TarStream stream, LayerFault fault) throws IOException {
        try {
            stream.finish();
        } catch (IOException e) {
            if (e != fault) {
                e.addSuppressed(fault);
                throw e;
            }
        }
    }
}
