package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Arrays;
import java.util.Base64;

/**
 * Between messages of text, a digit for the stream and bytes in Base64, and the binary ones they stand for:
 * {@code base64.channel.k8s.io}. On the event loop.
 */
final class Base64Frames extends ChannelDuplexHandler {
    /** Characters that make three bytes. */
    private static final int GROUP = 4;

    private boolean within;
    /** Of a group that is not complete. */
    private byte[] begun = {};

    /** A digit that is none, or text that is not Base64, is nonsense, for which the next handler hangs up. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case PingWebSocketFrame ping -> ctx.fireChannelRead(ping);
            case PongWebSocketFrame pong -> ctx.fireChannelRead(pong);
            case CloseWebSocketFrame close -> ctx.fireChannelRead(close);
            case WebSocketFrame text -> {
                try {
                    ctx.fireChannelRead(new BinaryWebSocketFrame(text.isFinalFragment(), 0, decoded(text)));
                } finally {
                    text.release();
                }
            }
            default -> throw new IllegalStateException("not a frame: " + message);
        }
    }

    private ByteBuf decoded(WebSocketFrame frame) {
        ByteBuf text = frame.content();
        byte[] stream = {};
        if (!within && text.isReadable()) {
            stream = new byte[] {(byte) (text.readByte() - '0')};
            within = true;
        }
        byte[] characters = Arrays.copyOf(begun, begun.length + text.readableBytes());
        text.readBytes(characters, begun.length, characters.length - begun.length);
        boolean last = frame.isFinalFragment();
        int whole = last ? characters.length : characters.length - characters.length % GROUP;
        begun = Arrays.copyOfRange(characters, whole, characters.length);
        within &= !last;
        byte[] bytes = Base64.getDecoder().decode(Arrays.copyOf(characters, whole));
        return Unpooled.wrappedBuffer(stream, bytes);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof BinaryWebSocketFrame frame)) {
            var _ = ctx.write(message, promise);
            return;
        }
        try {
            byte[] stream = {(byte) (frame.content().readByte() + '0')};
            byte[] text = Base64.getEncoder().encode(ByteBufUtil.getBytes(frame.content()));
            var _ = ctx.write(new TextWebSocketFrame(Unpooled.wrappedBuffer(stream, text)), promise);
        } finally {
            frame.release();
        }
    }
}
