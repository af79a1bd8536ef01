package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.CorruptedFrameException;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import java.util.List;

/**
 * Reads a client's WebSocket frames (RFC 6455), however long: what has come of a frame is handed on as if it were a frame of its own, so
 * none is ever held whole. Text and binary frames are not told apart. On the event loop.
 */
final class FramePieces extends ByteToMessageDecoder implements WebSocketFrameDecoder {
    private static final int HEAD = 2;
    private static final int MASK = 4;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int LENGTH_BITS = 0x7f;
    private static final int TOP_BIT = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0f;

    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private boolean inFrame;
    private boolean inMessage;
    private boolean last; // frame of its message
    private int opcode;
    private long left; // bytes of the frame
    private int mask; // for the next four bytes
    private boolean over;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (over) {
            in.skipBytes(in.readableBytes());
        } else if (inFrame || begin(in)) {
            if (opcode >= CLOSE) {
                control(in, out);
            } else if (left == 0 || in.isReadable()) {
                data(in, out);
            }
        }
    }

    private void control(ByteBuf in, List<Object> out) {
        if (in.readableBytes() < left) {
            return;
        }
        ByteBuf bytes = take(in);
        inFrame = false;
        over = opcode == CLOSE;
        out.add(
                switch (opcode) {
                    case CLOSE -> new CloseWebSocketFrame(true, 0, bytes);
                    case PING -> new PingWebSocketFrame(bytes);
                    default -> new PongWebSocketFrame(bytes);
                });
    }

    private void data(ByteBuf in, List<Object> out) {
        ByteBuf bytes = take(in);
        inFrame = left > 0;
        WebSocketFrame piece = new BinaryWebSocketFrame(last && !inFrame, 0, bytes);
        out.add(piece);
    }

    /** What there is of the frame, without its mask. */
    private ByteBuf take(ByteBuf in) {
        int length = (int) Math.min(left, in.readableBytes());
        ByteBuf bytes = in.readRetainedSlice(length);
        int at = 0;
        for (; at + MASK <= length; at += MASK) {
            bytes.setInt(at, bytes.getInt(at) ^ mask);
        }
        for (; at < length; at++) {
            bytes.setByte(at, bytes.getByte(at) ^ mask >>> 24);
            mask = Integer.rotateLeft(mask, 8);
        }
        left -= length;
        return bytes;
    }

    /** Reads the head of a frame; false if it is not all there. */
    private boolean begin(ByteBuf in) {
        if (in.readableBytes() < HEAD) {
            return false;
        }
        int second = in.getUnsignedByte(in.readerIndex() + 1);
        int length = second & LENGTH_BITS;
        int more = length == LENGTH_16 ? Short.BYTES : length == LENGTH_64 ? Long.BYTES : 0;
        if ((second & TOP_BIT) == 0) {
            throw nonsense("a frame of a client has no mask");
        }
        if (in.readableBytes() < HEAD + more + MASK) {
            return false;
        }
        int first = in.readUnsignedByte();
        in.skipBytes(1);
        left = more == 0 ? length : more == Short.BYTES ? in.readUnsignedShort() : in.readLong();
        mask = in.readInt();
        inFrame = true;
        check(first);
        return true;
    }

    private void check(int first) {
        opcode = first & OPCODE;
        boolean whole = (first & TOP_BIT) != 0;
        if (opcode >= CLOSE) {
            if (opcode > PONG || !whole || left >= LENGTH_16) {
                throw nonsense("a control frame that cannot be");
            }
        } else {
            if (opcode > BINARY || (opcode == CONTINUATION) != inMessage || left < 0) {
                throw nonsense("a data frame that cannot be");
            }
            last = whole;
            inMessage = !whole;
        }
        if ((first & RESERVED) != 0) {
            throw nonsense("an extension was not agreed on");
        }
    }

    private CorruptedFrameException nonsense(String what) {
        over = true;
        return new CorruptedFrameException(what);
    }
}
