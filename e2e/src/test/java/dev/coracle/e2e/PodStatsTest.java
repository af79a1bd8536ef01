package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerStats;
import dev.coracle.proto.v1.ContainerStatsFilter;
import dev.coracle.proto.v1.LinuxPodSandboxStats;
import dev.coracle.proto.v1.ListContainerStatsRequest;
import dev.coracle.proto.v1.ListPodSandboxStatsRequest;
import dev.coracle.proto.v1.NetworkInterfaceUsage;
import dev.coracle.proto.v1.PodSandboxStats;
import dev.coracle.proto.v1.PodSandboxStatsFilter;
import dev.coracle.proto.v1.PodSandboxStatsRequest;
import dev.coracle.proto.v1.StreamContainerStatsRequest;
import dev.coracle.proto.v1.StreamPodSandboxStatsRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What pods use, against what the kernel's own files say. */
@DaemonTest
final class PodStatsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Two containers: one with three processes that holds 20 MiB, one that is busy. */
    private static RunningPod busyPod(Rig rig, String name) {
        RunningPod pod = rig.run(Pods.named(name));
        RunningContainer holder = pod.start(rig.busybox("/t/pause & /t/pause & exec /t/hog 20"));
        pod.start(rig.busybox("while true; do i=$((i+1)); done").named("busy"));
        holder.awaitLog("took 20");
        return pod;
    }

    @Test
    @Tag("vm")
    void figuresAreTheCgroups(Rig rig) {
        RunningPod pod = busyPod(rig, "podstats");
        LinuxPodSandboxStats stats = Waiting.until(
                "a rate",
                PATIENCE,
                () -> Optional.of(stats(rig, pod)).filter(s -> s.getCpu().hasUsageNanoCores()));
        ContainerCgroup group = ContainerCgroup.of(pod.config().getMetadata().getUid());
        long memory = Long.parseLong(group.read("memory/memory.usage_in_bytes", "memory.current"));
        assertThat(stats.getMemory().getUsageBytes().getValue()).isCloseTo(memory, within(8 << 20));
        assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isBetween(20L << 20, memory + (8 << 20));
        assertThat(stats.getMemory().getRssBytes().getValue()).isBetween(20L << 20, 60L << 20);
        assertThat(stats.getMemory().getPageFaults().getValue()).isPositive();
        assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
        assertThat(stats.getCpu().getUsageNanoCores().getValue()).isBetween(1L, 2_000_000_000L);
        assertThat(stats.getProcess().getProcessCount().getValue()).isEqualTo(4);
        assertThat(stats.getContainersList())
                .extracting(container -> container.getAttributes().getMetadata().getName())
                .containsExactly("main", "busy");
        long sum = stats.getContainersList().stream()
                .mapToLong(container -> container.getMemory().getUsageBytes().getValue())
                .sum();
        assertThat(sum).isCloseTo(stats.getMemory().getUsageBytes().getValue(), within(8 << 20));
    }

    private static org.assertj.core.data.Offset<Long> within(long bytes) {
        return org.assertj.core.data.Offset.offset(bytes);
    }

    @Test
    @Tag("vm")
    void trafficIsThatOfThePodsInterfaces(Rig rig) {
        RunningPod pod = rig.run(Pods.named("traffic"));
        RunningContainer container = pod.start(rig.idle());
        container.exec("/t/get", "10.88.0.1", "1", "/");
        NetworkInterfaceUsage usage = stats(rig, pod).getNetwork().getDefaultInterface();
        assertThat(usage.getName()).isEqualTo("eth0");
        long received = counter(container, "rx_bytes");
        assertThat(received).isPositive();
        assertThat(usage.getRxBytes().getValue()).isBetween(1L, received);
        assertThat(usage.getTxBytes().getValue()).isBetween(1L, counter(container, "tx_bytes"));
        assertThat(usage.hasRxErrors()).isTrue();
        assertThat(stats(rig, pod).getNetwork().getInterfacesList()).isEmpty();
    }

    private static long counter(RunningContainer container, String name) {
        return Long.parseLong(container
                .output("cat", "/sys/class/net/eth0/statistics/" + name)
                .strip());
    }

    @Test
    void aPodOnTheHostsNetworkHasNoTrafficOfItsOwn(Rig rig) {
        RunningPod pod = rig.run(Pods.named("hosttraffic").hostNetwork());
        assertThat(stats(rig, pod).hasNetwork()).isFalse();
    }

    @Test
    @Field(value = "PodSandboxStatsFilter.id", does = "the pod's id or its beginning")
    @Field(value = "PodSandboxStatsFilter.label_selector", does = "each label equal")
    void listAndStreamHoldThePodsThatTheFilterWants(Rig rig) {
        RunningPod one = rig.run(Pods.named("one").hostNetwork().label("app", "first"));
        RunningPod two = rig.run(Pods.named("two").hostNetwork());
        one.start(rig.idle());
        assertThat(list(rig, PodSandboxStatsFilter.getDefaultInstance()))
                .extracting(stats -> stats.getAttributes().getId())
                .containsExactlyInAnyOrder(one.id(), two.id());
        PodSandboxStatsFilter filter =
                PodSandboxStatsFilter.newBuilder().setId(one.id()).build();
        assertThat(list(rig, filter)).singleElement().satisfies(stats -> {
            assertThat(stats.getAttributes().getMetadata())
                    .isEqualTo(one.config().getMetadata());
            assertThat(stats.getLinux().getContainersCount()).isEqualTo(1);
        });
        List<PodSandboxStats> streamed = new ArrayList<>();
        rig.client()
                .runtime()
                .streamPodSandboxStats(StreamPodSandboxStatsRequest.newBuilder()
                        .setFilter(filter)
                        .build())
                .forEachRemaining(piece -> streamed.addAll(piece.getPodSandboxStatsList()));
        assertThat(streamed).extracting(stats -> stats.getAttributes().getId()).containsExactly(one.id());
        assertThat(list(
                        rig,
                        PodSandboxStatsFilter.newBuilder()
                                .putLabelSelector("app", "first")
                                .build()))
                .hasSize(1);
        assertThat(list(
                        rig,
                        PodSandboxStatsFilter.newBuilder()
                                .putLabelSelector("app", "other")
                                .build()))
                .isEmpty();
    }

    @Test
    @Field(value = "ContainerStatsFilter.id", does = "the container's id or its beginning")
    @Field(value = "ContainerStatsFilter.pod_sandbox_id", does = "the pod's id or its beginning")
    @Field(value = "ContainerStatsFilter.label_selector", does = "each label equal")
    void figuresOfContainersAreThoseThatTheFilterWants(Rig rig) {
        RunningPod one = rig.run(Pods.named("one").hostNetwork());
        RunningPod two = rig.run(Pods.named("two").hostNetwork());
        RunningContainer first = one.start(rig.idle().label("part", "first"));
        two.start(rig.idle());
        assertThat(containers(rig, ContainerStatsFilter.newBuilder())).hasSize(2);
        for (ContainerStatsFilter.Builder wanted : List.of(
                ContainerStatsFilter.newBuilder().setId(first.id()),
                ContainerStatsFilter.newBuilder().setPodSandboxId(one.id()),
                ContainerStatsFilter.newBuilder().putLabelSelector("part", "first"))) {
            assertThat(containers(rig, wanted))
                    .extracting(stats -> stats.getAttributes().getId())
                    .containsExactly(first.id());
        }
    }

    private static List<ContainerStats> containers(Rig rig, ContainerStatsFilter.Builder filter) {
        List<ContainerStats> containers = new ArrayList<>();
        rig.client()
                .runtime()
                .streamContainerStats(StreamContainerStatsRequest.newBuilder()
                        .setFilter(filter)
                        .build())
                .forEachRemaining(piece -> containers.addAll(piece.getContainerStatsList()));
        assertThat(containers)
                .extracting(stats -> stats.getAttributes().getId())
                .containsExactlyElementsOf(rig
                        .client()
                        .runtime()
                        .listContainerStats(ListContainerStatsRequest.newBuilder()
                                .setFilter(filter)
                                .build())
                        .getStatsList()
                        .stream()
                        .map(stats -> stats.getAttributes().getId())
                        .toList());
        return containers;
    }

    @Test
    @CoracleOnly
    @Field(
            value = "PodSandboxStatsRequest.pod_sandbox_id",
            does = "a ready pod's figures, or NOT_FOUND, also without an id: so a kubelet asks whether there is such"
                    + " a call")
    void aPodThatIsNotReadyOrNotThereHasNone(Rig rig) {
        RunningPod pod = rig.run(Pods.named("over").hostNetwork());
        pod.stop();
        assertThat(list(rig, PodSandboxStatsFilter.getDefaultInstance())).isEmpty();
        fails(rig, pod.id(), Status.Code.FAILED_PRECONDITION);
        fails(rig, "0123", Status.Code.NOT_FOUND);
        // As a kubelet asks whether there is such a call.
        fails(rig, "", Status.Code.NOT_FOUND);
    }

    private static void fails(Rig rig, String id, Status.Code code) {
        assertThatThrownBy(() -> rig.client()
                        .runtime()
                        .podSandboxStats(PodSandboxStatsRequest.newBuilder()
                                .setPodSandboxId(id)
                                .build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    private static List<PodSandboxStats> list(Rig rig, PodSandboxStatsFilter filter) {
        return rig.client()
                .runtime()
                .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder()
                        .setFilter(filter)
                        .build())
                .getStatsList();
    }

    private static LinuxPodSandboxStats stats(Rig rig, RunningPod pod) {
        return rig.client()
                .runtime()
                .podSandboxStats(PodSandboxStatsRequest.newBuilder()
                        .setPodSandboxId(pod.id())
                        .build())
                .getStats()
                .getLinux();
    }
}
