package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a connection of this machine, which always answers. */
final class LostEndTest {
    private static final AnswerTimes SOON = new AnswerTimes(Duration.ofSeconds(1));
    private static final int CAP_NET_ADMIN = 12;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final BlockingQueue<EpollSocketChannel> accepted = new LinkedBlockingQueue<>();
    private Channel listener;

    @BeforeEach
    void listen() {
        listener = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override
                    protected void initChannel(EpollSocketChannel channel) {
                        channel.pipeline().addLast(new LostEnd(SOON));
                        accepted.add(channel);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void close() {
        var _ = listener.close().syncUninterruptibly();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** When its machine was heard last, in ms. */
    private static long heard(EpollSocketChannel channel) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime())
                - channel.tcpInfo().lastAckRecv();
    }

    @Test
    void a_machine_is_asked_although_nothing_is_said_to_it() throws IOException, InterruptedException {
        assumeTrue(mayAsk(), "CAP_NET_ADMIN is missing");
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            EpollSocketChannel channel = accepted.take();
            long first = heard(channel);
            await().until(() -> heard(channel) > first + 2 * SOON.limit().toMillis());
            assertThat(channel.isActive()).as("whose machine answers").isTrue();
            assertThat(channel.config().isReuseAddress())
                    .as("the daemon's next start can listen on the port")
                    .isTrue();
            assertThat(client.isClosed()).isFalse();
        }
    }

    private static boolean mayAsk() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        String effective = status.replaceAll("(?s).*CapEff:\\s*(\\w+).*", "$1");
        return (Long.parseUnsignedLong(effective, 16) >> CAP_NET_ADMIN & 1) == 1;
    }
}
