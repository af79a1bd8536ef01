package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.resolver.NoopAddressResolverGroup;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The event loop that moves the bytes of all connections, made when the first one is opened. Safe for any thread. */
public final class Network implements AutoCloseable {
    private static final long DRAIN_MILLIS = 250;

    /** Small chunks, one arena: netty's own choice would hold megabytes when all is quiet again. */
    private static final int PAGE = 8192;

    private static final int CHUNK_ORDER = 5;

    private static final int READ_MIN = 2 << 10;
    private static final int READ_FIRST = 16 << 10;
    private static final int READ_MAX = 64 << 10;
    private static final int READS_AT_ONCE = 4;

    private @Nullable EventLoopGroup loop;
    private @Nullable Bootstrap bootstrap;

    /** For one connection. Names must have been resolved. */
    synchronized Bootstrap bootstrap() {
        if (bootstrap == null) {
            loop = new MultiThreadIoEventLoopGroup(
                    1, Thread.ofPlatform().name("http").daemon().factory(), EpollIoHandler.newFactory());
            bootstrap = new Bootstrap()
                    .group(loop)
                    .channel(EpollSocketChannel.class)
                    .resolver(NoopAddressResolverGroup.INSTANCE)
                    .option(
                            ChannelOption.ALLOCATOR,
                            new PooledByteBufAllocator(true, 0, 1, PAGE, CHUNK_ORDER, 0, 0, false))
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new AdaptiveRecvByteBufAllocator(READ_MIN, READ_FIRST, READ_MAX)
                                    .maxMessagesPerRead(READS_AT_ONCE));
        }
        return bootstrap.clone();
    }

    /** Closes all connections. */
    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.shutdownGracefully(0, DRAIN_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(DRAIN_MILLIS);
        }
    }
}
