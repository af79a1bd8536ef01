package dev.coracle.image;

import dev.coracle.image.ChunkPipe.Message.Chunk;
import dev.coracle.image.ChunkPipe.Message.End;
import dev.coracle.image.ChunkPipe.Message.Failed;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Hands uncompressed bytes from the thread that decompresses to the thread that unpacks, in {@value #CHUNKS} direct buffers that
 * go round: whoever is faster waits. One thread on each side.
 */
final class ChunkPipe implements AutoCloseable {
    static final int CHUNKS = 6;
    static final int CHUNK_BYTES = 256 << 10;

    /** What comes out of the pipe. */
    sealed interface Message {
        record Chunk(ByteBuffer bytes) implements Message {}

        record End() implements Message {}

        record Failed(Throwable cause) implements Message {}
    }

    private final BlockingQueue<ByteBuffer> empty = new ArrayBlockingQueue<>(CHUNKS);
    private final BlockingQueue<Message> full = new ArrayBlockingQueue<>(CHUNKS + 1);
    private final List<ByteBuffer> buffers = new ArrayList<>();
    private final PullBuffers spare;

    /** @param spare has {@value #CHUNKS} buffers free for each pipe that there may be at once */
    ChunkPipe(PullBuffers spare) {
        this.spare = spare;
        for (int i = 0; i < CHUNKS; i++) {
            buffers.add(spare.poll().orElseThrow());
        }
        empty.addAll(buffers);
    }

    /** A cleared buffer to fill; waits for one. */
    ByteBuffer blank() throws InterruptedException {
        return empty.take().clear();
    }

    /** Passes a filled buffer on, from its start to its position. */
    void put(ByteBuffer filled) {
        full.add(new Chunk(filled.flip()));
    }

    /** Nothing more comes. Called once, also after a failure on this side. */
    void end(@Nullable Throwable failure) {
        full.add(failure == null ? new End() : new Failed(failure));
    }

    /**
     * The next filled buffer, or null at the end of the stream. The one before goes back to be filled again.
     *
     * @throws IOException what the filling side failed with
     */
    @Nullable
    ByteBuffer next(@Nullable ByteBuffer before) throws IOException {
        if (before != null) {
            empty.add(before);
        }
        try {
            return switch (full.take()) {
                case Chunk chunk -> chunk.bytes();
                case End() -> null;
                case Failed(IOException cause) -> throw cause;
                case Failed(RuntimeException cause) -> throw cause;
                case Failed(Throwable cause) -> throw new IOException(cause);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the pull was stopped").initCause(e);
        }
    }

    /** Lets others use the buffers; only when both sides are done. */
    @Override
    public void close() {
        buffers.forEach(spare::give);
    }
}
