package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection under a {@link Link}: between the event loop, which must not wait, and the threads of a session, which do. What came
 * in waits here, and while that is too much the socket is not read. The event loop adds, any thread takes.
 */
final class Wire {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    /** What an event takes beside its bytes: a client may send them one by one, or none. */
    private static final int EVENT = 256;

    /** Under way without anybody waiting for them: more are not given to a client that does not read. */
    private static final int REPLIES_MAX = 64;

    /** Bytes that wait, from which on the socket is not read; and from which on it is again. */
    private static final int FULL = 128 << 10;

    private static final int LOW = 32 << 10;
    /** One that goes away is read to its end at once: more than this is not kept for a session that does not take it. */
    private static final int TOO_MUCH = 1 << 20;

    private static final long LINGER_SECONDS = 5;
    private static final long WATCH_SECONDS = 1;
    /** Of {@code tcpi_state}, linux/tcp.h. */
    private static final int TCP_ESTABLISHED = 1;

    private final Channel channel;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private int replies; // of the event loop
    private volatile boolean discards;

    Wire(Channel channel) {
        this.channel = channel;
        var _ = channel.closeFuture().addListener(_ -> events.add(new Event.Gone()));
    }

    /** On the event loop. */
    void add(Event event) {
        if (discards || waiting.get() > TOO_MUCH) {
            if (event instanceof Event.Sent(int _, var bytes)) {
                bytes.release();
            }
            drop();
            return;
        }
        int now = waiting.addAndGet(cost(event));
        events.add(event);
        if (now >= FULL && channel.config().isAutoRead()) {
            channel.config().setAutoRead(false);
            watch();
        }
    }

    private static int cost(Event event) {
        return switch (event) {
            case Event.Sent(int _, var bytes) -> EVENT + bytes.readableBytes();
            case Event.Opened(int _, var headers) ->
                EVENT
                        + headers.entrySet().stream()
                                .mapToInt(header -> EVENT
                                        + header.getKey().length()
                                        + header.getValue().length())
                                .sum();
            case Event.Ended _, Event.Reset _ -> EVENT;
            case Event.Gone _ -> 0;
        };
    }

    /** Says something that nobody waits for, or nothing to a client that has not read so many of those before. On the event loop. */
    void reply(Object message) {
        if (replies >= REPLIES_MAX) {
            ReferenceCountUtil.release(message);
            return;
        }
        replies++;
        var _ = channel.writeAndFlush(message).addListener(_ -> replies--);
    }

    /** Nobody tells of the end of a connection that is not read. */
    private void watch() {
        var _ = channel.eventLoop()
                .schedule(
                        () -> {
                            if (channel.isActive() && !channel.config().isAutoRead()) {
                                closeIfLeft();
                            }
                        },
                        WATCH_SECONDS,
                        TimeUnit.SECONDS);
    }

    private void closeIfLeft() {
        if (channel instanceof EpollSocketChannel socket && socket.tcpInfo().state() != TCP_ESTABLISHED) {
            var _ = channel.close();
        } else {
            watch();
        }
    }

    private void drop() {
        if (!discards) {
            LOG.info("a client sent {} bytes on after it was not read any more, and is hung up on", waiting.get());
            var _ = channel.close();
        }
    }

    Event next() throws InterruptedException {
        Event event = events.take();
        taken(event);
        return event;
    }

    /** The same, or null when that takes longer. */
    @Nullable
    Event next(long nanos) throws InterruptedException {
        Event event = events.poll(nanos, TimeUnit.NANOSECONDS);
        if (event != null) {
            taken(event);
        }
        return event;
    }

    private void taken(Event event) {
        switch (event) {
            case Event.Gone _ -> events.add(event);
            case Event.Sent _ -> {} // counts until it is done with
            case Event.Opened _, Event.Ended _, Event.Reset _ -> giveBack(cost(event));
        }
    }

    /** Gives back what was sent, none of it taken off the buffer; the socket may be read on. */
    void done(Event.Sent sent) {
        int cost = cost(sent);
        sent.bytes().release();
        giveBack(cost);
    }

    private void giveBack(int cost) {
        int now = waiting.addAndGet(-cost);
        if (now < LOW && now + cost >= LOW) {
            onLoop(() -> channel.config().setAutoRead(waiting.get() < FULL));
        }
    }

    /** Returns when the socket has taken the message: false if the connection is gone. */
    boolean write(Object message) {
        ChannelFuture written = channel.writeAndFlush(message).awaitUninterruptibly();
        return written.isSuccess();
    }

    /** Calls when the connection is gone, at once if it is. */
    void whenGone(Runnable action) {
        var _ = channel.closeFuture().addListener(_ -> action.run());
    }

    /**
     * Says the last word and leaves the client a moment to read it: were the socket closed with input unread, the kernel would take
     * back what is on its way. A second time does nothing.
     */
    void close(Object lastWord) {
        synchronized (this) {
            if (discards) {
                ReferenceCountUtil.release(lastWord);
                return;
            }
            discards = true;
        }
        var _ = channel.writeAndFlush(lastWord);
        onLoop(() -> {
            releaseWaiting();
            channel.config().setAutoRead(true);
            var _ = channel.eventLoop().schedule(this::closeNow, LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    private void onLoop(Runnable action) {
        try {
            channel.eventLoop().execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("the daemon ends, and with it every connection", e);
        }
    }

    private void closeNow() {
        var _ = channel.close();
    }

    /** Each is taken before it is given back: a session's thread may be taking the next one meanwhile. */
    private void releaseWaiting() {
        boolean gone = false;
        for (Event event = events.poll(); event != null; event = events.poll()) {
            gone |= event instanceof Event.Gone;
            waiting.addAndGet(-cost(event));
            if (event instanceof Event.Sent(int _, var bytes)) {
                bytes.release();
            }
        }
        if (gone) {
            events.add(new Event.Gone());
        }
    }
}
