package dev.coracle.image;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.linux.SyscallException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * Brings one layer from the registry onto the disk: one thread fetches and decompresses, this one unpacks. Content that is not
 * what its digest says is asked for again, elsewhere if there is an elsewhere; nothing of it is kept. Confined to one platform
 * thread.
 */
final class LayerFetch implements Callable<LayerRecord> {
    private static final int TRIES = 3;

    private final LayerStore store;
    private final Registry registry;
    private final Descriptor blob;
    private final Digest diffId;
    private final Workshop workshop;

    /**
     * What fetches share.
     *
     * @param places one for each layer that may be unpacked at the same time; who waits for the disk has none
     * @param chunks what uncompressed bytes travel in
     * @param ranges what large blobs travel in
     * @param quick how fast one connection must be to be enough
     */
    record Workshop(PullLimits limits, Semaphore places, PullBuffers chunks, PullBuffers ranges, Duration quick) {}

    LayerFetch(LayerStore store, Registry registry, Descriptor blob, Digest diffId, Workshop workshop) {
        this.store = store;
        this.registry = registry;
        this.blob = blob;
        this.diffId = diffId;
        this.workshop = workshop;
    }

    /**
     * The layer, held once for the caller.
     *
     * @throws RuntimeFailure with the layer's digest in its message
     */
    @Override
    public LayerRecord call() {
        try {
            for (int left = TRIES; ; left--) {
                try {
                    return once();
                } catch (BadBlob e) {
                    if (left <= 1) {
                        throw e;
                    }
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private LayerRecord once() throws IOException {
        takePlace();
        StagedLayer staged;
        LayerNotes notes;
        try {
            staged = store.stage();
            notes = unpackOrDrop(staged);
        } finally {
            workshop.places().release();
        }
        return store.adopt(staged, diffId, blob.digest(), notes);
    }

    private void takePlace() throws InterruptedIOException {
        try {
            workshop.places().acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException) new InterruptedIOException("the pull was stopped").initCause(e);
        }
    }

    private LayerNotes unpackOrDrop(StagedLayer staged) throws IOException {
        try {
            return unpack(staged);
        } catch (IOException | RuntimeException e) {
            store.drop(staged);
            throw e;
        }
    }

    private LayerNotes unpack(StagedLayer staged) throws IOException {
        BlobInput in = input();
        ChunkPipe pipe = new ChunkPipe(workshop.chunks());
        Thread fetching =
                Thread.ofPlatform().name("image-fetch").daemon().start(() -> new BlobReader(in, blob, pipe).run());
        try {
            return new LayerUnpacker(workshop.limits(), staged.files()).unpack(pipe, diffId);
        } catch (BadBlob e) {
            Uninterruptibles.joinUninterruptibly(fetching);
            in.blame();
            throw e;
        } finally {
            fetching.interrupt();
            Uninterruptibles.joinUninterruptibly(fetching);
            pipe.close();
        }
    }

    private BlobInput input() {
        return BlobRanges.isFor(blob.size(), workshop.ranges())
                ? new BlobRanges(registry, blob.digest(), blob.size(), workshop.ranges(), new Pace(workshop.quick()))
                : new BlobStream(registry, blob.digest(), Span.WHOLE);
    }

    private RuntimeFailure failure(IOException e) {
        String layer = "layer " + blob.digest();
        String reason = String.valueOf(e.getMessage());
        return switch (e) {
            case InterruptedIOException _ -> new Cancelled("fetch " + layer);
            case LayerFault _ -> new InvalidSpec("image", layer + ": " + reason);
            case TarStream.TooLarge _ -> new Exhausted("unpack " + layer, reason, e);
            case HostFailure _, BadBlob _ ->
                new PullFailed(PullFailed.Kind.REGISTRY_UNAVAILABLE, "fetch " + layer, reason, e);
            case IOException full
            when isDiskFull(full) -> new Exhausted("unpack " + layer, "the disk that holds images is full", e);
            default -> new Unavailable("fetch " + layer, reason, e);
        };
    }

    /** The JDK tells it in words only. */
    static boolean isDiskFull(IOException e) {
        return e instanceof SyscallException failure
                ? failure.errno() == Errno.ENOSPC || failure.errno() == Errno.EDQUOT
                : String.valueOf(e.getMessage()).contains("No space left on device");
    }
}
