package dev.coracle.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/** The content of an answer on its way. One thread reads it; any may close it, and whoever reads then fails. */
public abstract class Content extends PieceInput {
    /**
     * Waits until {@code target} is full or the content ends. Whoever brings the bytes puts them there, so that this thread sleeps meanwhile:
     * for large contents that costs half of reading them piece by piece. Nobody writes to the target once this has returned or failed; its
     * position then is behind what came.
     *
     * @param came told how many bytes each piece has that is there now, on any thread, one after the other; must not block
     * @throws IOException if the connection fails, or this thread is interrupted; what came before is in the target
     */
    public abstract void fill(ByteBuffer target, IntConsumer came) throws IOException;
}
