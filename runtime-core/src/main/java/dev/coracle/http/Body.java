package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The content of an answer: the event loop puts in, one thread takes out, any thread may close. The channel is asked for more only while
 * less than {@link #ENOUGH} bytes wait here, so that who reads slowly slows the server down; what has a target does not wait here. All
 * fields belong to this object's monitor.
 */
final class Body extends Content {
    static final int ENOUGH = 256 << 10;

    private final Deque<ByteBuf> parts = new ArrayDeque<>();
    private @Nullable Channel channel;
    private @Nullable IOException failure;
    private @Nullable Sink sink;
    private int waiting;
    private boolean asked = true;
    private boolean ended;
    private boolean closed;

    /** Where the event loop puts what comes, instead of keeping it here. */
    private record Sink(ByteBuffer target, IntConsumer came) {
        boolean isFull() {
            return !target.hasRemaining();
        }

        /** Says how many bytes it took. */
        int take(ByteBuf part) {
            int step = Math.min(target.remaining(), part.readableBytes());
            part.readBytes(target.slice(target.position(), step));
            target.position(target.position() + step);
            return step;
        }
    }

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
        pour();
    }

    private void pour() {
        Sink to = sink;
        if (to == null) {
            return;
        }
        int step = 0;
        while (!parts.isEmpty() && !to.isFull()) {
            ByteBuf part = parts.element();
            int taken = to.take(part);
            took(part, taken);
            step += taken;
        }
        if (step > 0) {
            to.came().accept(step);
        }
        if (to.isFull()) {
            notifyAll();
        }
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

    @Override
    public void fill(ByteBuffer target, IntConsumer came) throws IOException {
        try {
            begin(new Sink(target, came));
            awaitFull(target);
        } finally {
            synchronized (this) {
                sink = null;
            }
        }
    }

    private void begin(Sink next) {
        Channel hungry = null;
        synchronized (this) {
            sink = next;
            pour();
            if (!asked && hasRoom()) {
                hungry = channel;
            }
        }
        if (hungry != null) {
            hungry.read();
        }
    }

    private synchronized void awaitFull(ByteBuffer target) throws IOException {
        try {
            while (target.hasRemaining() && !ended && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            throw stopped(e);
        }
        if (target.hasRemaining()) {
            check();
        }
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
            throw stopped(e);
        }
        check();
        return parts.peek();
    }

    private static IOException stopped(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("reading was stopped").initCause(e);
    }

    private void check() throws IOException {
        if (closed) {
            throw new IOException("the answer was closed");
        }
        if (parts.isEmpty() && failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
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
