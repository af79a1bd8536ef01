package dev.coracle.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Sends a blob through both halves of a layer's way, as a pull does, without a registry. */
final class Unpacking {
    private Unpacking() {}

    static LayerNotes unpack(byte[] tar, Path directory) throws Exception {
        return unpack(tar, tar, directory);
    }

    static LayerNotes unpack(byte[] blob, byte[] tar, Path directory) throws Exception {
        Files.createDirectories(directory);
        Descriptor descriptor = new Descriptor("", Digest.sha256(blob), blob.length, Optional.empty());
        return unpack(new ByteArrayInputStream(blob), descriptor, Digest.sha256(tar), directory, PullLimits.DEFAULT);
    }

    static LayerNotes unpack(InputStream in, Descriptor blob, Digest diffId, Path directory, PullLimits limits)
            throws IOException, InterruptedException {
        ChunkPipe pipe = new ChunkPipe(new PullBuffers(ChunkPipe.CHUNKS, ChunkPipe.CHUNK_BYTES));
        Thread fetching = Thread.ofPlatform().start(() -> new BlobReader(in, blob, pipe).run());
        try {
            return new LayerUnpacker(limits, directory).unpack(pipe, diffId);
        } finally {
            fetching.interrupt();
            fetching.join();
        }
    }
}
