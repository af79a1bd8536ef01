package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.RuntimeCondition;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.VersionRequest;
import dev.coracle.proto.v1.VersionResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks a running daemon, as a client of its socket, how it is. */
public final class DaemonReport {
    private static final long DEADLINE_SECONDS = 10;

    private DaemonReport() {}

    /**
     * A few lines of text.
     *
     * @throws RuntimeFailure.Unavailable if nobody answers within 10 s
     */
    public static String of(Path socket) {
        EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(eventLoop)
                .maxInboundMessageSize(CriServer.MESSAGE_LIMIT)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
        try {
            return text(channel, socket);
        } catch (StatusRuntimeException e) {
            throw new RuntimeFailure.Unavailable("ask the daemon on " + socket, String.valueOf(e.getMessage()), e);
        } finally {
            channel.shutdownNow();
            eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
    }

    private static String text(ManagedChannel channel, Path socket) {
        var runtime = RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        var images = ImageServiceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        VersionResponse version = runtime.version(VersionRequest.getDefaultInstance());
        StringBuilder text = new StringBuilder();
        line(text, version.getRuntimeName() + " " + version.getRuntimeVersion() + " on " + socket);
        for (RuntimeCondition condition :
                runtime.status(StatusRequest.getDefaultInstance()).getStatus().getConditionsList()) {
            String why = condition.getStatus() ? "" : " " + condition.getReason() + ": " + condition.getMessage();
            line(text, condition.getType() + " " + condition.getStatus() + why);
        }
        List<PodSandboxState> pods =
                runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList().stream()
                        .map(pod -> pod.getState())
                        .toList();
        line(text, "pods " + count(pods, PodSandboxState.SANDBOX_READY) + " ready of " + pods.size());
        List<ContainerState> containers =
                runtime.listContainers(ListContainersRequest.getDefaultInstance()).getContainersList().stream()
                        .map(container -> container.getState())
                        .toList();
        line(
                text,
                "containers " + count(containers, ContainerState.CONTAINER_RUNNING) + " running of "
                        + containers.size());
        line(
                text,
                "images "
                        + images.listImages(ListImagesRequest.getDefaultInstance())
                                .getImagesCount());
        return text.toString();
    }

    private static <S> long count(List<S> states, S wanted) {
        return states.stream().filter(wanted::equals).count();
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
