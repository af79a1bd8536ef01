package dev.coracle.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A blob's bytes as one stream, whatever happens to the connections that bring them: one that breaks or stalls is replaced by
 * another, which goes on where it ended, at the next server first. Confined to the thread that reads.
 */
final class BlobStream extends InputStream {
    private static final int TRIES = 5;
    /** So much headway between two failures makes the earlier ones forgotten. */
    private static final long HEADWAY = 1 << 20;

    private final Registry registry;
    private final Digest digest;
    private Registry.@Nullable Opened opened;
    private @Nullable RegistryServer source;
    private long offset;
    private long lastFailure;
    private int failures;

    BlobStream(Registry registry, Digest digest) {
        this.registry = registry;
        this.digest = digest;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int length = read(one, 0, 1);
        return length < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        while (true) {
            Registry.Opened from = open();
            try {
                int done = from.stream().read(target, start, length);
                offset += Math.max(0, done);
                return done;
            } catch (IOException e) {
                give(from, e);
            }
        }
    }

    /** What came turned out to be wrong: whoever sent the last of it is asked last from now on. */
    void blame() {
        if (source != null) {
            registry.demote(source);
        }
    }

    @Override
    public void close() throws IOException {
        if (opened != null) {
            opened.stream().close();
            opened = null;
        }
    }

    private Registry.Opened open() throws IOException {
        Registry.Opened current = opened;
        if (current == null) {
            current = registry.blob(digest, offset);
            opened = current;
            source = current.server();
        }
        return current;
    }

    private void give(Registry.Opened broken, IOException failure) throws IOException {
        if (Thread.currentThread().isInterrupted() || failure instanceof InterruptedIOException) {
            throw failure;
        }
        registry.demote(broken.server());
        close();
        failures = offset - lastFailure >= HEADWAY ? 1 : failures + 1;
        lastFailure = offset;
        if (failures >= TRIES) {
            throw new HostFailure(broken.server().host(), failure);
        }
    }
}
