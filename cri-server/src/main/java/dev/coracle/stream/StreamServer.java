package dev.coracle.stream;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.pod.Pods;
import dev.coracle.spec.StreamSpec;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.FixedRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObjectAggregator;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Serves the streams of exec, attach and port forwarding over HTTP, upgraded to SPDY/3.1 or WebSocket. One event loop moves the bytes
 * of all connections; each has virtual threads of its own that do the rest.
 */
public final class StreamServer implements AutoCloseable {
    private static final int READ_BYTES = 16 << 10;
    private static final int REQUEST_BODY_MAX = 1024;
    /** Small chunks, one arena: netty's own choice would hold megabytes for a single connection. */
    private static final int PAGE = 8192;

    private static final int CHUNK_ORDER = 5;
    private static final long DRAIN_MILLIS = 250;

    private final StreamSettings settings;
    private final AnswerTimes times;
    private final Optional<SslContext> tls;
    private final Tokens tokens = new Tokens(System::nanoTime);
    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Conversations conversations;
    private final Upgrades upgrades;
    private final Channel listener;

    private StreamServer(StreamSettings settings, Pods pods) {
        this.settings = settings;
        this.times = new AnswerTimes(settings.answerTimeout());
        this.tls = settings.tls().map(tls -> TlsIdentity.read(tls).context());
        this.conversations = new Conversations(pods);
        this.upgrades = new Upgrades(tokens, conversations);
        this.listener = listen();
    }

    /**
     * Listens; when this returns, clients can connect.
     *
     * @throws Unavailable if the address cannot be bound
     * @throws InvalidSpec if certificate or key cannot be used
     */
    public static StreamServer start(StreamSettings settings, Pods pods) {
        return new StreamServer(settings, pods);
    }

    private Channel listen() {
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(EpollChannelOption.TCP_KEEPIDLE, times.keepIdle())
                .childOption(EpollChannelOption.TCP_KEEPINTVL, times.keepInterval())
                .childOption(EpollChannelOption.TCP_KEEPCNT, AnswerTimes.PROBES)
                .childOption(
                        ChannelOption.ALLOCATOR, new PooledByteBufAllocator(true, 0, 1, PAGE, CHUNK_ORDER, 0, 0, false))
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                .childHandler(new Pipeline())
                .bind(new InetSocketAddress(settings.address(), settings.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close(eventLoop);
            throw new Unavailable(
                    "listen for streams on " + settings.address() + " port " + settings.port(),
                    String.valueOf(bound.cause().getMessage()),
                    bound.cause());
        }
        return bound.channel();
    }

    /** What every connection begins with. */
    private final class Pipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new LostEnd(times));
            tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
            channel.pipeline()
                    .addLast(new IdleEnd(settings.idleTimeout()))
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(REQUEST_BODY_MAX))
                    .addLast(upgrades);
        }
    }

    /**
     * The address that a client is to open for this.
     *
     * @throws dev.coracle.failure.RuntimeFailure.Exhausted if too many are asked for and not opened
     */
    public String url(StreamSpec spec) {
        String host = settings.address().contains(":") ? "[" + settings.address() + "]" : settings.address();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        return (tls.isPresent() ? "https" : "http") + "://" + host + ":" + port + "/" + Upgrades.word(spec) + "/"
                + tokens.add(spec);
    }

    /** Takes no more connections, and ends those there are: execs end with theirs, and clients are told if they read at once. */
    @Override
    public void close() {
        try {
            listener.close().awaitUninterruptibly(DRAIN_MILLIS);
            conversations.end(Duration.ofMillis(DRAIN_MILLIS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(eventLoop);
        }
    }

    private static void close(EventLoopGroup eventLoop) {
        eventLoop.shutdownGracefully(0, DRAIN_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(DRAIN_MILLIS);
    }
}
