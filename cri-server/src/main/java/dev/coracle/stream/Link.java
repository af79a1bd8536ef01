package dev.coracle.stream;

import java.nio.ByteBuffer;

/**
 * A client's connection with its streams, whatever protocol carries them. What it did comes in order from {@link #next}; what is
 * said to it waits until its socket has taken it, so that nothing piles up for one that does not read. Any thread; on a virtual one
 * it waits without holding its carrier.
 */
sealed interface Link permits SpdyLink, WebSocketLink {
    Wire wire();

    /** Waits for what the client does next. */
    default Event next() throws InterruptedException {
        return wire().next();
    }

    /** Takes a stream that was opened: before that nothing may be sent on it. */
    void accept(int stream);

    /** Sends all of {@code bytes} and returns when the socket has taken them: false if the client has gone. */
    boolean send(int stream, ByteBuffer bytes);

    /** Nothing more will be sent on this stream. */
    void finish(int stream);

    /** Ends a stream both ways. */
    void reset(int stream);

    /** All is said: the client is given a moment to read it, and goes. */
    void close();
}
