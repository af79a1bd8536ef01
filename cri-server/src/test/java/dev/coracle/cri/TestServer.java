package dev.coracle.cri;

import dev.coracle.image.Images;
import dev.coracle.image.Pins;
import dev.coracle.image.PullSettings;
import dev.coracle.image.Pulls;
import dev.coracle.pod.Pods;
import dev.coracle.spec.CgroupDriver;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The server on a socket of its own, with a store of images that is empty, and a client of it. */
final class TestServer implements AutoCloseable {
    static final int CLIENT_LIMIT = 16 << 20;
    static final Node.Network READY = new Node.Network(true, "", "");

    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Images images;
    private final Pulls pulls;
    private final CriServer server;
    private final ManagedChannel channel;

    /** On a node whose network is ready. */
    TestServer(Path directory, Pods pods) {
        this(directory, READY, pods, Pins.NONE);
    }

    TestServer(Path directory, Node.Network network, Pods pods, Pins pins) {
        this.images = Images.open(directory.resolve("state"), pins);
        this.pulls = new Pulls(images, PullSettings.DEFAULT);
        Path socket = directory.resolve("s");
        this.server = CriServer.start(socket, RpcTable.of(node(network), pods, images, pulls, Samples::url));
        this.channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(eventLoop)
                .maxInboundMessageSize(CLIENT_LIMIT)
                .usePlaintext()
                .overrideAuthority("localhost")
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    static Node node(Node.Network network) {
        return new Node(
                "1.2.3",
                CgroupDriver.CGROUPFS,
                List.of(new Node.Handler("", true, false), new Node.Handler("other", false, true)),
                true,
                false,
                true,
                () -> network,
                () -> Map.of("config", "{}"));
    }

    /** As SIGTERM ends it, while the client is there. */
    void end() {
        server.close();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
        pulls.close();
        images.close();
    }
}
