package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/2 (RFC 9113): any number of exchanges at once, each a stream. What a stream may send before somebody has read is
 * {@link #STREAM_WINDOW}, and what all of them may is {@link #CONNECTION_WINDOW}: so much may lie in memory unread.
 */
final class SharedLink extends ChannelInboundHandlerAdapter implements Link {
    static final int STREAM_WINDOW = 1 << 20;
    static final int CONNECTION_WINDOW = 8 << 20;
    private static final int HEADERS_MAX = 64 << 10;
    private static final int FRAME_MAX = 64 << 10;

    /** Nothing heard for so long while something is awaited: maybe the connection is dead, and new requests get another one. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Site site;
    private final Channel channel;
    /** On the event loop only. */
    private final Set<Exchange> active = new HashSet<>();

    private @Nullable Future<?> end;
    private volatile long heard = System.nanoTime();
    private volatile boolean busy;
    private volatile boolean retired;

    private SharedLink(Site site, Channel channel) {
        this.site = site;
        this.channel = channel;
    }

    /** On the event loop; the channel is connected, and HTTP/2 has been agreed on. */
    static SharedLink on(Channel channel, Site site) {
        SharedLink link = new SharedLink(site, channel);
        Http2Settings settings = Http2Settings.defaultSettings()
                .pushEnabled(false)
                .initialWindowSize(STREAM_WINDOW)
                .maxFrameSize(FRAME_MAX)
                .maxHeaderListSize(HEADERS_MAX);
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forClient()
                                .initialSettings(settings)
                                .encoderEnforceMaxConcurrentStreams(true)
                                .build(),
                        new Http2MultiplexHandler(new Refusal()),
                        link);
        var _ = channel.writeAndFlush(
                new DefaultHttp2WindowUpdateFrame(CONNECTION_WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE));
        var _ = channel.closeFuture().addListener(_ -> site.forget(link));
        link.rest();
        return link;
    }

    /** Streams that a server opens by itself were forbidden to it. */
    private static final class Refusal extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel pushed) {
            var _ = pushed.close();
        }
    }

    boolean isOpen() {
        return channel.isActive() && !retired && !(busy && isQuiet());
    }

    private boolean isQuiet() {
        return System.nanoTime() - heard > QUIET_NANOS;
    }

    @Override
    public void begin(Exchange exchange) {
        channel.eventLoop().execute(() -> {
            if (end != null) {
                end.cancel(false);
            }
            active.add(exchange);
            if (!busy) {
                busy = true;
                heard = System.nanoTime();
            }
            var _ = new Http2StreamChannelBootstrap(channel)
                    .option(ChannelOption.AUTO_READ, false)
                    .open()
                    .addListener((Future<Http2StreamChannel> opened) -> opened(exchange, opened));
        });
    }

    private void opened(Exchange exchange, Future<Http2StreamChannel> opened) {
        if (opened.isSuccess()) {
            Channel stream = opened.getNow();
            var _ = stream.closeFuture().addListener(_ -> over(exchange));
            stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(false), exchange);
        } else {
            exchange.refuse(opened.cause());
            over(exchange);
        }
    }

    private void over(Exchange exchange) {
        active.remove(exchange);
        if (!exchange.isComplete() && isQuiet()) {
            retire();
        }
        if (active.isEmpty()) {
            rest();
        }
    }

    private void rest() {
        busy = false;
        end = channel.eventLoop().schedule(this::close, retired ? 0 : Site.IDLE_SECONDS, TimeUnit.SECONDS);
    }

    private void close() {
        var _ = channel.close();
    }

    /** What is under way goes on; nothing new begins. */
    private void retire() {
        retired = true;
        site.forget(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            retire();
            if (active.isEmpty()) {
                rest();
            }
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        heard = System.nanoTime();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        List.copyOf(active).forEach(exchange -> exchange.fail(cause));
        var _ = context.close();
    }
}
