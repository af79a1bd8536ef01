package dev.coracle.e2e;

import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.ExecSyncRequest;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ImageStatusRequest;
import dev.coracle.proto.v1.ImageStatusResponse;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxStatus;
import dev.coracle.proto.v1.PodSandboxStatusRequest;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RemoveContainerRequest;
import dev.coracle.proto.v1.RemovePodSandboxRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.coracle.proto.v1.StartContainerRequest;
import dev.coracle.proto.v1.StopContainerRequest;
import dev.coracle.proto.v1.StopPodSandboxRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A CRI client as a kubelet is one: one connection over a UNIX socket, messages up to 16 MiB. May be used by many threads. */
public final class CriClient implements AutoCloseable {
    /** What a kubelet gives most calls. */
    public static final Duration USUAL = Duration.ofMinutes(2);

    private static final int MAX_MESSAGE = 16 << 20;

    /** It warns for each connection that a UNIX socket has no SO_KEEPALIVE. */
    private static final Logger BOOTSTRAP = Logger.getLogger("io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap");

    private final EventLoopGroup loop;
    private final ManagedChannel channel;
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    private CriClient(EventLoopGroup loop, ManagedChannel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    public static CriClient connect(Path socket) {
        BOOTSTRAP.setLevel(Level.SEVERE);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loop)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .maxInboundMessageSize(MAX_MESSAGE)
                .usePlaintext()
                .intercept(new ErasedField())
                .build();
        return new CriClient(loop, channel);
    }

    public RuntimeServiceBlockingStub runtime() {
        return runtime(USUAL);
    }

    public RuntimeServiceBlockingStub runtime(Duration deadline) {
        return RuntimeServiceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    public ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel).withWaitForReady().withDeadlineAfter(10, TimeUnit.MINUTES);
    }

    /** For calls that a test makes in its own way: streaming, asynchronous, cancelled. */
    public ManagedChannel channel() {
        return channel;
    }

    /** The one on which the connection's bytes come and go. */
    public Executor thread() {
        return loop;
    }

    /** Connects at once rather than after a pause that grows with each failure: the server is known to be back. */
    public void reconnect() {
        channel.resetConnectBackoff();
    }

    /** Every id of a pod or container that this client was given. */
    public Set<String> ids() {
        return Set.copyOf(ids);
    }

    public String runPod(PodSandboxConfig config) {
        return runPod(config, "");
    }

    public String runPod(PodSandboxConfig config, String handler) {
        String id = runtime(USUAL.multipliedBy(2))
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(config)
                        .setRuntimeHandler(handler)
                        .build())
                .getPodSandboxId();
        ids.add(id);
        return id;
    }

    public void stopPod(String id) {
        var _ = runtime()
                .stopPodSandbox(
                        StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    public void removePod(String id) {
        var _ = runtime()
                .removePodSandbox(
                        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    public PodSandboxStatus podStatus(String id) {
        return runtime()
                .podSandboxStatus(
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
                .getStatus();
    }

    public List<PodSandbox> pods() {
        return runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList();
    }

    public String createContainer(String pod, ContainerConfig config, PodSandboxConfig podConfig) {
        String id = runtime()
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .setConfig(config)
                        .setSandboxConfig(podConfig)
                        .build())
                .getContainerId();
        ids.add(id);
        return id;
    }

    public void startContainer(String id) {
        var _ = runtime()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    public void stopContainer(String id, Duration grace) {
        var _ = runtime(USUAL.plus(grace))
                .stopContainer(StopContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setTimeout(grace.toSeconds())
                        .build());
    }

    public void removeContainer(String id) {
        var _ = runtime()
                .removeContainer(
                        RemoveContainerRequest.newBuilder().setContainerId(id).build());
    }

    public ContainerStatus containerStatus(String id) {
        return runtime()
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    /** ExecSync without a time limit of its own. */
    public ExecSyncResponse exec(String container, String... command) {
        return exec(container, Duration.ZERO, command);
    }

    public ExecSyncResponse exec(String container, Duration timeout, String... command) {
        return runtime(USUAL.plus(timeout))
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of(command))
                        .setTimeout(timeout.toSeconds())
                        .build());
    }

    /** Its id, if it is there. */
    public Optional<String> imageId(String image) {
        ImageStatusResponse status = images().imageStatus(ImageStatusRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image))
                .build());
        return status.hasImage() ? Optional.of(status.getImage().getId()) : Optional.empty();
    }

    /** Pulls and returns the image's id, which is what a kubelet then creates containers with. */
    public String pull(String image) {
        return images().pullImage(PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build())
                .getImageRef();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
