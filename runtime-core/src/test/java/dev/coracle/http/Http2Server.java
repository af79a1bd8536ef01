package dev.coracle.http;

import dev.coracle.image.TestKeys;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2PingFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A server that speaks HTTP/2 over TLS and nothing else, on a port of its own, and answers as the test says. */
public final class Http2Server implements AutoCloseable {
    private static final int PIECE = 16 << 10;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Consumer<Asked> answering;
    private final SslContext tls;
    private final Channel listener;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private final Queue<Runnable> afterPing = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** @param answering called on the event loop for each request; must not wait */
    public Http2Server(TestKeys keys, Consumer<Asked> answering) throws Exception {
        this.answering = answering;
        this.tls = SslContextBuilder.forServer((PrivateKey) keys.key(), keys.x509())
                // Of BoringSSL's servers none refuses.
                .sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2"))
                .build();
        this.listener = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new Connection())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /** Host and port. */
    public String host() {
        return "127.0.0.1:" + port();
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** How many connections were made and agreed on. */
    public int connections() {
        return connections.get();
    }

    /** How many requests were answered to their end, or given up by either side. */
    public int ended() {
        return ended.get();
    }

    /** How many bytes of content have left for the clients. */
    public long sent() {
        return sent.get();
    }

    /** Path and Range of each. */
    public List<String> requests() {
        return requests;
    }

    private final class Connection extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(
                            handler(channel),
                            Http2FrameCodecBuilder.forServer()
                                    .initialSettings(Http2Settings.defaultSettings())
                                    .build(),
                            new Http2MultiplexHandler(new Stream()),
                            new Pings());
        }
    }

    private SslHandler handler(Channel channel) {
        SslHandler handler = tls.newHandler(channel.alloc());
        var _ = handler.handshakeFuture().addListener(done -> connections.addAndGet(done.isSuccess() ? 1 : 0));
        return handler;
    }

    /** Answers to pings: what was sent before them has been read. */
    private final class Pings extends SimpleChannelInboundHandler<Http2PingFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2PingFrame frame) {
            if (frame.ack()) {
                afterPing.remove().run();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }

    private final class Stream extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            var _ = channel.closeFuture().addListener(_ -> ended.incrementAndGet());
            channel.pipeline().addLast(new SimpleChannelInboundHandler<Http2HeadersFrame>() {
                @Override
                protected void channelRead0(ChannelHandlerContext context, Http2HeadersFrame frame) {
                    Asked asked = new Asked(channel, frame.headers());
                    requests.add(asked.path() + " " + asked.header("range"));
                    answering.accept(asked);
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                    var _ = context.close();
                }
            });
        }
    }

    /** A request, to be answered from any thread. */
    public final class Asked {
        private final Channel stream;
        private final Http2Headers headers;

        private Asked(Channel stream, Http2Headers headers) {
            this.stream = stream;
            this.headers = headers;
        }

        public String path() {
            return headers.path().toString();
        }

        /** The value of a header, whose name is in lower case; {@code null} as text if there is none. */
        public String header(String name) {
            return String.valueOf(headers.get(name));
        }

        /**
         * Begins the answer.
         *
         * @param more names and values of headers
         */
        public void head(int status, String... more) {
            Http2Headers head = new DefaultHttp2Headers().status(String.valueOf(status));
            for (int i = 0; i < more.length; i += 2) {
                head.add(more[i], more[i + 1]);
            }
            var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(head));
        }

        /** As the client's windows let it. */
        public void content(byte[] bytes, int from, int to) {
            for (int at = from; at < to; at += PIECE) {
                int length = Math.min(PIECE, to - at);
                var _ = stream.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes, at, length)))
                        .addListener(done -> sent.addAndGet(done.isSuccess() ? length : 0));
            }
            stream.flush();
        }

        /** Once the client's connection has read all that was sent so far. */
        public void whenRead(Runnable next) {
            afterPing.add(next);
            var _ = stream.parent().writeAndFlush(new DefaultHttp2PingFrame(1));
        }

        public void end() {
            var _ = stream.writeAndFlush(new DefaultHttp2DataFrame(true));
        }

        public void reset() {
            var _ = stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
        }

        /** Ends the connection, after what was written, in the way of a server that is about to be restarted. */
        public void goAway() {
            var _ = stream.parent()
                    .writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR))
                    .addListener(_ -> hangUp());
        }

        /** Ends the connection without a word. */
        public void hangUp() {
            var _ = stream.parent().pipeline().firstContext().close();
        }
    }

    @Override
    public void close() {
        var _ = loop.shutdownGracefully(0, 250, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
