package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The content of an answer: the event loop puts in, one thread takes out, any thread may close. The channel is asked for more only while
 * less than {@link #ENOUGH} bytes wait here, so that who reads slowly slows the server down. All fields belong to this object's monitor.
 */
final class Body extends InputStream {
    static final int ENOUGH = 256 << 10;

    private final Deque<ByteBuf> parts = new ArrayDeque<>();
    private @Nullable Channel channel;
    private @Nullable IOException failure;
    private int waiting;
    private boolean asked = true;
    private boolean ended;
    private boolean closed;

    /** From here on the bytes come from this channel, which is closed with the body if they have not all come. */
    void attach(Channel source) {
        synchronized (this) {
            channel = source;
            if (!closed) {
                return;
            }
        }
        var _ = source.close();
    }

    /** Takes over the buffer. Who reads is not woken for each: see {@link #asksAgain}. */
    synchronized void add(ByteBuf part) {
        if (closed || !part.isReadable()) {
            part.release();
            return;
        }
        parts.add(part);
        waiting += part.readableBytes();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** What has come by now can still be read. */
    synchronized void fail(IOException cause) {
        if (!ended) {
            ended = true;
            failure = cause;
            notifyAll();
        }
    }

    /** After the channel gave what it was asked for: whether to ask it again now. If not, that is done when there is room. */
    synchronized boolean asksAgain() {
        if (!parts.isEmpty()) {
            notifyAll();
        }
        return hasRoom();
    }

    private boolean hasRoom() {
        asked = !ended && !closed && waiting < ENOUGH;
        return asked;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int length = read(one, 0, 1);
        return length < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        Channel hungry = null;
        int step;
        synchronized (this) {
            ByteBuf part = awaitPart();
            if (part == null) {
                return -1;
            }
            step = Math.min(length, part.readableBytes());
            part.readBytes(target, start, step);
            took(part, step);
            if (!asked && hasRoom()) {
                hungry = channel;
            }
        }
        if (hungry != null) {
            hungry.read();
        }
        return step;
    }

    private void took(ByteBuf part, int step) {
        waiting -= step;
        if (!part.isReadable()) {
            parts.remove().release();
        }
    }

    /** The first part with bytes in it; null at the end. */
    private @Nullable ByteBuf awaitPart() throws IOException {
        try {
            while (parts.isEmpty() && !ended && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("reading was stopped").initCause(e);
        }
        if (closed) {
            throw new IOException("the answer was closed");
        }
        if (parts.isEmpty() && failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        return parts.peek();
    }

    /** What has not come yet is not waited for: its connection, or its stream of one, is closed. */
    @Override
    public void close() {
        Channel unfinished;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            unfinished = ended ? null : channel;
            parts.forEach(ByteBuf::release);
            parts.clear();
            notifyAll();
        }
        if (unfinished != null) {
            var _ = unfinished.close();
        }
    }
}
