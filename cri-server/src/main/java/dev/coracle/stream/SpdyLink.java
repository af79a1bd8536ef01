package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyDataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyHeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyPingFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdySessionStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdySynStreamFrame;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Streams over SPDY/3.1 as Kubernetes speaks it: clients open them, windows and settings mean nothing, pings are echoed. Its handler
 * runs on the event loop, all else on any thread.
 */
record SpdyLink(Wire wire) implements Link {
    /** That client waits for ever for a reply without any header. */
    private static final String REPLY_HEADER = "coracle";

    /** The event loop's part. */
    static final class Handler extends LinkReader {
        Handler(Wire wire) {
            super(wire);
        }

        @Override
        void read(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case SpdySynStreamFrame frame -> open(frame);
                case SpdyDataFrame frame -> sent(frame);
                case SpdyRstStreamFrame frame -> wire.add(new Event.Reset(frame.streamId()));
                case SpdyPingFrame frame -> wire.reply(frame);
                default -> {} // settings, windows, headers sent later, and its going away, which its socket tells too
            }
        }

        private void open(SpdySynStreamFrame frame) {
            if (frame.isInvalid() || frame.isTruncated()) {
                wire.reply(new DefaultSpdyRstStreamFrame(frame.streamId(), SpdyStreamStatus.PROTOCOL_ERROR));
                return;
            }
            wire.add(new Event.Opened(frame.streamId(), headers(frame)));
            if (frame.isLast()) {
                wire.add(new Event.Ended(frame.streamId()));
            }
        }

        private static Map<String, String> headers(SpdyHeadersFrame frame) {
            Map<String, String> headers = new HashMap<>();
            frame.headers()
                    .forEach(header -> headers.put(
                            header.getKey().toString().toLowerCase(Locale.ROOT),
                            header.getValue().toString()));
            return Map.copyOf(headers);
        }

        private void sent(SpdyDataFrame frame) {
            if (frame.content().isReadable()) {
                wire.add(new Event.Sent(frame.streamId(), frame.content().retain()));
            }
            if (frame.isLast()) {
                wire.add(new Event.Ended(frame.streamId()));
            }
        }
    }

    @Override
    public void accept(int stream) {
        DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(stream);
        reply.headers().add(REPLY_HEADER, "1");
        var _ = wire.write(reply);
    }

    @Override
    public boolean send(int stream, ByteBuffer bytes) {
        return wire.write(new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(bytes)));
    }

    @Override
    public void finish(int stream) {
        DefaultSpdyDataFrame end = new DefaultSpdyDataFrame(stream);
        end.setLast(true);
        var _ = wire.write(end);
    }

    @Override
    public void reset(int stream) {
        var _ = wire.write(new DefaultSpdyRstStreamFrame(stream, SpdyStreamStatus.CANCEL));
    }

    @Override
    public void close() {
        wire.close(new DefaultSpdyGoAwayFrame(0, SpdySessionStatus.OK));
    }
}
