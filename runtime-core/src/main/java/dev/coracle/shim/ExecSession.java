package dev.coracle.shim;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One process executed in a container, and its streams. One thread may read while another writes; {@link #close} may
 * come from any thread and makes the shim hang up the process, and kill it with its descendants after 2 s.
 */
public interface ExecSession extends AutoCloseable {
    /** Which stream a piece of output came from. */
    enum Stream {
        STDOUT,
        STDERR
    }

    /** A piece of output. */
    record Output(Stream stream, ByteBuffer bytes) {}

    /**
     * Waits for output.
     *
     * @return null when the process has ended and all its output was returned: {@link #exitCode} then is known
     * @throws dev.coracle.failure.RuntimeFailure.KernelFailure if nothing was executed
     */
    @Nullable
    Output read();

    /** 0 to 255, after {@link #read} returned null. */
    int exitCode();

    /** Waits while the process does not read and 64 KiB wait for it. Ignored once it has ended. */
    void write(ByteBuffer stdin);

    /** The process sees the end of its standard input after what was written before. */
    void closeStdin();

    void resize(int rows, int columns);

    /** SIGKILL to the process and its descendants at once; {@link #read} then comes to its end. */
    void kill();

    @Override
    void close();
}
