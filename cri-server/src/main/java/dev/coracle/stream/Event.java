package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.Map;

/** What a client did on its connection. */
sealed interface Event {
    /** Began a stream; {@code headers} has names in lower case. */
    record Opened(int stream, Map<String, String> headers) implements Event {}

    /** Sent bytes, which whoever takes them gives back by {@link Wire#done}. */
    record Sent(int stream, ByteBuf bytes) implements Event {}

    /** Will send no more on a stream. */
    record Ended(int stream) implements Event {}

    /** Wants neither to send nor to receive any more on a stream. */
    record Reset(int stream) implements Event {}

    /** Went away. The last one, and repeated for whoever asks again. */
    record Gone() implements Event {}
}
