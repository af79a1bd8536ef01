package dev.coracle.image;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How far a pull is. Written by the threads that bring its layers, read by any. */
public final class PullProgress {
    private final String name;
    private final AtomicInteger layersDone = new AtomicInteger();
    private final AtomicLong bytesDone = new AtomicLong();
    private volatile int layers;
    private volatile long bytes;

    PullProgress(String name) {
        this.name = name;
    }

    /** What is pulled, normalised. */
    public String name() {
        return name;
    }

    /** {@code 3 of 10 layers, 120.0 of 300.0 MiB}; bytes as the registry has them, of layers that are done. */
    public String text() {
        return layers == 0
                ? "asking"
                : "%d of %d layers, %.1f of %.1f MiB"
                        .formatted(layersDone.get(), layers, mebibytes(bytesDone.get()), mebibytes(bytes));
    }

    void expect(List<Descriptor> blobs) {
        bytes = blobs.stream().mapToLong(Descriptor::size).sum();
        layers = blobs.size();
    }

    /** A layer is there, or was. */
    void done(Descriptor blob) {
        bytesDone.addAndGet(blob.size());
        layersDone.incrementAndGet();
    }

    private static double mebibytes(long size) {
        return size / (double) (1 << 20);
    }
}
