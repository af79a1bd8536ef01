package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;

/**
 * Streams over WebSocket, as {@code channel.k8s.io} has them: the first byte of a message is the number of its stream. They are all
 * there from the beginning; from version 5 on a client can end one.
 */
record WebSocketLink(Wire wire) implements Link {
    private static final int END = 255;
    private static final int BYTE = 0xff;

    /** The event loop's part. Messages may come in several frames; only the first one of them names the stream. */
    static final class Handler extends LinkReader {
        private final boolean streamsEnd;
        private boolean within;
        private int stream;

        /** {@code streamsEnd}: whether the client says so when it has sent all of a stream. */
        Handler(Wire wire, boolean streamsEnd) {
            super(wire);
            this.streamsEnd = streamsEnd;
        }

        @Override
        void read(ChannelHandlerContext ctx, Object message) {
            WebSocketFrame frame = (WebSocketFrame) message;
            switch (frame) {
                case PingWebSocketFrame ping ->
                    wire.reply(new PongWebSocketFrame(ping.content().retain()));
                case PongWebSocketFrame _ -> {}
                case CloseWebSocketFrame close -> {
                    var _ = ctx.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
                }
                default -> readPart(frame);
            }
        }

        private void readPart(WebSocketFrame frame) {
            ByteBuf bytes = frame.content();
            if (!within && bytes.isReadable()) {
                stream = bytes.readUnsignedByte();
                within = true;
            }
            if (within && streamsEnd && stream == END) {
                while (bytes.isReadable()) {
                    wire.add(new Event.Ended(bytes.readUnsignedByte()));
                }
            } else if (bytes.isReadable()) {
                wire.add(new Event.Sent(stream, bytes.readRetainedSlice(bytes.readableBytes())));
            }
            within &= !frame.isFinalFragment();
        }
    }

    @Override
    public void accept(int stream) {
        // the client takes them for opened
    }

    @Override
    public boolean send(int stream, ByteBuffer bytes) {
        ByteBuf number = Unpooled.wrappedBuffer(new byte[] {(byte) (stream & BYTE)});
        return wire.write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(number, Unpooled.wrappedBuffer(bytes))));
    }

    @Override
    public void finish(int stream) {
        // the protocol has no word for it towards clients: they wait for the end of the connection
    }

    @Override
    public void reset(int stream) {
        // as above
    }

    @Override
    public void close() {
        wire.close(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
    }
}
