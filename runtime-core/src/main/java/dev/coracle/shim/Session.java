package dev.coracle.shim;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one process: one executed in a container, or a container's main process that somebody has attached to. One
 * thread may read while another writes. {@link #close} may come from any thread; it makes the shim hang up an exec, and kill it
 * with its descendants after 2 s, while a container that was attached to goes on with its standard input open.
 */
public interface Session extends AutoCloseable {
    /** Which stream a piece of output came from. */
    enum Stream {
        STDOUT,
        STDERR
    }

    /** A piece of output, to be used before the next one is asked for. */
    record Output(Stream stream, ByteBuffer bytes) {}

    /**
     * Waits for output: of an exec all there is, of a container what it writes from the attaching on.
     *
     * @return null when the process has ended and all its output was returned: {@link #exitCode} then is known
     * @throws dev.coracle.failure.RuntimeFailure.KernelFailure if nothing was executed
     * @throws dev.coracle.failure.RuntimeFailure.NotFound if there is nothing to attach to
     * @throws dev.coracle.failure.RuntimeFailure.Cancelled after {@link #close}
     */
    @Nullable
    Output read();

    /** 0 to 255, after {@link #read} returned null. */
    int exitCode();

    /** Waits while the process does not read and 64 KiB wait for it. Ignored once it has ended. */
    void write(ByteBuffer stdin);

    /** The process sees the end of its standard input after what was written before, unless that is a terminal. */
    void closeStdin();

    /** Sets the size of its terminal. Ignored where it has none. */
    void resize(int rows, int columns);

    /** Of an exec: SIGKILL to the process and its descendants at once; {@link #read} then comes to its end. */
    void kill();

    @Override
    void close();
}
