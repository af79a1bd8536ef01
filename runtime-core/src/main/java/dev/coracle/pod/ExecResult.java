package dev.coracle.pod;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a command left. Both streams together hold at most 16 MiB less what a gRPC message needs around them; large ones lie
 * outside the Java heap, in a space that all commands share and that {@link #close} gives back.
 */
public final class ExecResult implements AutoCloseable {
    private final List<ByteBuffer> stdout;
    private final List<ByteBuffer> stderr;
    private final int exitCode;
    private final Runnable release;

    ExecResult(List<ByteBuffer> stdout, List<ByteBuffer> stderr, int exitCode, Runnable release) {
        this.stdout = List.copyOf(stdout);
        this.stderr = List.copyOf(stderr);
        this.exitCode = exitCode;
        this.release = release;
    }

    /** In order; each buffer from its position to its limit. */
    public List<ByteBuffer> stdout() {
        return stdout;
    }

    /** In order; each buffer from its position to its limit. */
    public List<ByteBuffer> stderr() {
        return stderr;
    }

    /** 0 to 255; 128 + n for a process ended by signal n. */
    public int exitCode() {
        return exitCode;
    }

    /** The buffers must not be read after this. */
    @Override
    public void close() {
        release.run();
    }
}
