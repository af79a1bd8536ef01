package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.PullImageResponse;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A client of a daemon's socket, for the commands that talk to one. Any thread. */
final class DaemonClient implements AutoCloseable {
    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Path socket;
    private final ManagedChannel channel;
    private final int deadlineSeconds;

    private DaemonClient(Path socket, int deadlineSeconds) {
        this.socket = socket;
        this.deadlineSeconds = deadlineSeconds;
        this.channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(eventLoop)
                .maxInboundMessageSize(CriServer.MESSAGE_LIMIT)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
    }

    /**
     * Talks to the daemon, each call at most {@code deadlineSeconds} long.
     *
     * @throws RuntimeFailure.Unavailable with what the daemon has answered, or that nobody does
     */
    static <T> T ask(Path socket, int deadlineSeconds, Function<DaemonClient, T> talk) {
        try (DaemonClient client = new DaemonClient(socket, deadlineSeconds)) {
            return talk.apply(client);
        } catch (StatusRuntimeException e) {
            throw new RuntimeFailure.Unavailable("ask the daemon on " + socket, String.valueOf(e.getMessage()), e);
        }
    }

    Path socket() {
        return socket;
    }

    RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadlineSeconds, TimeUnit.SECONDS);
    }

    ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadlineSeconds, TimeUnit.SECONDS);
    }

    PullImageResponse pullFrom(PullImageRequest request) {
        return ClientCalls.blockingUnaryCall(
                channel,
                OwnCalls.PULL_FROM,
                CallOptions.DEFAULT.withDeadlineAfter(deadlineSeconds, TimeUnit.SECONDS),
                request);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
