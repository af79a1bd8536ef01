package dev.coracle.cri;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC service on its UNIX socket. One event loop reads and writes all connections; calls that may block run on
 * virtual threads.
 */
public final class CriServer implements AutoCloseable {
    /** What a kubelet sends and receives at most. */
    static final int MESSAGE_LIMIT = 16 << 20;

    private static final int HEADER_LIMIT = 64 << 10;
    private static final long PING_INTERVAL_MIN_SECONDS = 5;
    private static final long DRAIN_MILLIS = 250;

    private final ServerSocket socket;
    private final EventLoopGroup eventLoop;
    private final ExecutorService threads;
    private final OpenCalls calls = new OpenCalls();
    private final Server server;

    private CriServer(ServerSocket socket, RpcTable table) {
        this.socket = socket;
        this.eventLoop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("rpc-", 0).factory());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new DomainSocketAddress(socket.bindPath().toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(eventLoop)
                .workerEventLoopGroup(eventLoop)
                .directExecutor()
                .maxInboundMessageSize(MESSAGE_LIMIT)
                .maxInboundMetadataSize(HEADER_LIMIT)
                .permitKeepAliveTime(PING_INTERVAL_MIN_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        new Services(threads, calls).of(table).forEach(builder::addService);
        this.server = builder.build();
    }

    /**
     * Listens on {@code path}; when this returns, clients can connect.
     *
     * @throws dev.coracle.failure.RuntimeFailure.WrongState if somebody listens there
     * @throws UncheckedIOException if it cannot be bound
     */
    public static CriServer start(Path path, RpcTable table) {
        try {
            CriServer criServer = new CriServer(ServerSocket.claim(path), table);
            try {
                criServer.server.start();
                criServer.socket.publish();
            } catch (IOException e) {
                criServer.close();
                throw e;
            }
            return criServer;
        } catch (IOException e) {
            throw new UncheckedIOException("listen on " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Takes no more calls, gives those under way a quarter of a second, and ends the rest with UNAVAILABLE: their clients repeat them
     * with the next daemon. Who does not take even that in a quarter of a second is hung up on.
     */
    @Override
    public void close() {
        try {
            socket.withdraw();
            server.shutdown();
            if (!server.awaitTermination(DRAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                calls.end();
            }
            if (!server.awaitTermination(DRAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                server.shutdownNow().awaitTermination(DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            server.shutdownNow();
        } finally {
            threads.shutdownNow();
            eventLoop.shutdownGracefully(0, DRAIN_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(DRAIN_MILLIS);
        }
    }
}
