package dev.coracle.cri;

import dev.coracle.image.Image;
import dev.coracle.image.ImageUsage;
import dev.coracle.pod.Announcement;
import dev.coracle.pod.ContainerUsage;
import dev.coracle.pod.ExecResult;
import dev.coracle.pod.Listed;
import dev.coracle.pod.PodFigures;
import dev.coracle.pod.PodSnapshot;
import dev.coracle.pod.PodUsage;
import dev.coracle.proto.v1.ContainerStats;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.FilesystemUsage;
import dev.coracle.proto.v1.ListContainerStatsResponse;
import dev.coracle.proto.v1.ListImagesResponse;
import dev.coracle.proto.v1.ListPodSandboxMetricsResponse;
import dev.coracle.proto.v1.ListPodSandboxStatsResponse;
import dev.coracle.proto.v1.MetricDescriptor;
import dev.coracle.proto.v1.PodSandboxStats;
import dev.coracle.proto.v1.PodSandboxStatus;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** From records to the contract's messages: pure functions. */
public final class CriOut {
    private static final long NANOS = 1_000_000_000L;

    private CriOut() {}

    /** What a {@code ListPodSandboxResponse} says of those that {@code wanted} lets through, an element each. */
    public static Stream<byte[]> sandboxes(List<Listed<PodRecord>> pods, Predicate<PodRecord> wanted) {
        return pods.stream().filter(pod -> wanted.test(pod.record())).map(pod -> pod.encoded(SandboxOut::element));
    }

    /** What a {@code ListContainersResponse} says of those that {@code wanted} lets through, an element each. */
    public static Stream<byte[]> containers(
            List<Listed<ContainerRecord>> containers, Predicate<ContainerRecord> wanted) {
        return containers.stream()
                .filter(container -> wanted.test(container.record()))
                .map(container -> container.encoded(ContainerOut::element));
    }

    /** An element of a {@code ListImagesResponse}. */
    public static byte[] element(Image image, boolean pinned) {
        return ListImagesResponse.newBuilder()
                .addImages(image(image, pinned))
                .build()
                .toByteArray();
    }

    /** An element of a {@code ListContainerStatsResponse}. */
    public static byte[] element(ContainerUsage usage) {
        return ListContainerStatsResponse.newBuilder()
                .addStats(StatsOut.container(usage))
                .build()
                .toByteArray();
    }

    /** The containers of a pod. */
    public static List<ContainerStatus> statuses(PodSnapshot snapshot) {
        String logDirectory = snapshot.pod().spec().logDirectory();
        return snapshot.containers().stream()
                .map(container -> status(container, logDirectory))
                .toList();
    }

    /** A {@code ContainerEventResponse}, encoded once for all who follow. */
    public static EncodedAnswer event(Listed<Announcement> event) {
        return EncodedAnswer.ofElements(Stream.of(event.encoded(EventOut::response)));
    }

    /** An element of a {@code ListPodSandboxStatsResponse}. */
    public static byte[] element(PodUsage usage) {
        return ListPodSandboxStatsResponse.newBuilder()
                .addStats(stats(usage))
                .build()
                .toByteArray();
    }

    /** An element of a {@code ListPodSandboxMetricsResponse}. */
    public static byte[] element(PodFigures figures) {
        return ListPodSandboxMetricsResponse.newBuilder()
                .addPodMetrics(MetricsOut.pod(figures))
                .build()
                .toByteArray();
    }

    /** Of every metric that there may be. */
    public static List<MetricDescriptor> metricDescriptors() {
        return MetricsOut.descriptors();
    }

    public static PodSandboxStats stats(PodUsage usage) {
        return PodStatsOut.pod(usage);
    }

    public static PodSandboxStatus status(PodRecord pod) {
        return SandboxOut.status(pod);
    }

    /**
     * A container with all that its status shows.
     *
     * @param logDirectory the pod's; empty for none
     */
    public static ContainerStatus status(ContainerRecord container, String logDirectory) {
        return ContainerOut.status(container, logDirectory);
    }

    public static ContainerStats stats(ContainerUsage usage) {
        return StatsOut.container(usage);
    }

    /** An {@code ExecSyncResponse}, which holds on to the result until it is written. */
    public static EncodedAnswer executed(ExecResult result) {
        return ExecOut.response(result);
    }

    public static dev.coracle.proto.v1.Image image(Image image, boolean pinned) {
        return ImageOut.write(image).toBuilder().setPinned(pinned).build();
    }

    public static FilesystemUsage imageUsage(ImageUsage usage, Instant now) {
        return ImageOut.usage(usage, nanos(now));
    }

    /** As the contract has times: ns since the epoch. */
    public static long nanos(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS), time.getNano());
    }
}
