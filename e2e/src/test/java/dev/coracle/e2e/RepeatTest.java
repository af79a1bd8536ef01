package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerStatsRequest;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.ReopenContainerLogRequest;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Calls that come twice, and calls for what is not there. */
@DaemonTest
final class RepeatTest {
    private static final String UNKNOWN = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

    @Test
    @CoracleOnly
    void sameRequestGetsTheSamePodAndContainer(Rig rig) {
        PodSandboxConfig config =
                Pods.named("same").hostNetwork().on(rig.node()).build();
        RunningPod pod = rig.run(config);
        assertThat(rig.client().runPod(config)).isEqualTo(pod.id());
        ContainerConfig container = rig.idle().in(config);
        RunningContainer created = pod.create(container);
        assertThat(rig.client().createContainer(pod.id(), container, config)).isEqualTo(created.id());
        assertThat(rig.client().pods()).hasSize(1);
    }

    @Test
    @CoracleOnly
    void manyAtOnceMakeOne(Rig rig) throws InterruptedException {
        PodSandboxConfig config = Pods.named("at-once").on(rig.node()).build();
        PodCgroup.make(config.getLinux().getCgroupParent());
        Set<String> ids = ConcurrentHashMap.newKeySet();
        var calls = IntStream.range(0, 8)
                .mapToObj(i ->
                        Thread.startVirtualThread(() -> ids.add(rig.client().runPod(config))))
                .toList();
        for (Thread call : calls) {
            call.join();
        }
        assertThat(ids).hasSize(1);
        rig.client().stopPod(ids.iterator().next());
        rig.client().removePod(ids.iterator().next());
        PodCgroup.remove(config.getLinux().getCgroupParent());
    }

    @Test
    @CoracleOnly
    void anotherRequestUnderTheSameKeyIsRefusedNamingTheField(Rig rig) {
        Pods pods = Pods.named("other").hostNetwork().on(rig.node());
        RunningPod pod = rig.run(pods.build());
        String message = Refused.anyhow(
                () -> rig.client().runPod(pods.label("added", "later").build()));
        assertThat(message).contains("labels");
        ContainerConfig container = rig.idle().in(pod.config());
        RunningContainer created = pod.create(container);
        message = Refused.anyhow(() -> rig.client()
                .createContainer(
                        pod.id(),
                        container.toBuilder().setWorkingDir("/elsewhere").build(),
                        pod.config()));
        assertThat(message).contains("working_dir");
        assertThat(created.status().getId()).isEqualTo(created.id());
    }

    @Test
    void stopAndRemoveMayBeRepeated(Rig rig) {
        RunningPod pod = rig.run(Pods.named("repeated").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        container.stop(Duration.ofSeconds(5));
        container.stop(Duration.ofSeconds(5));
        container.remove();
        container.remove();
        rig.client().stopPod(pod.id());
        rig.client().stopPod(pod.id());
        rig.client().removePod(pod.id());
        rig.client().removePod(pod.id());
    }

    @Test
    void stopAndRemoveOfTheUnknownSucceed(Rig rig) {
        rig.client().removePod(UNKNOWN);
        rig.client().removeContainer(UNKNOWN);
        if (rig.isCoracle()) {
            rig.client().stopPod(UNKNOWN);
            rig.client().stopContainer(UNKNOWN, Duration.ZERO);
        }
    }

    @Test
    void everythingElseOfTheUnknownIsNotFound(Rig rig) {
        CriClient client = rig.client();
        Refused.with(Status.Code.NOT_FOUND, () -> client.podStatus(UNKNOWN));
        Refused.with(Status.Code.NOT_FOUND, () -> client.containerStatus(UNKNOWN));
        Refused.with(Status.Code.NOT_FOUND, () -> client.startContainer(UNKNOWN));
        Refused.with(Status.Code.NOT_FOUND, () -> client.exec(UNKNOWN, "true"));
        Refused.with(
                Status.Code.NOT_FOUND,
                () -> client.runtime()
                        .containerStats(ContainerStatsRequest.newBuilder()
                                .setContainerId(UNKNOWN)
                                .build()));
        Refused.with(
                Status.Code.NOT_FOUND,
                () -> client.runtime()
                        .reopenContainerLog(ReopenContainerLogRequest.newBuilder()
                                .setContainerId(UNKNOWN)
                                .build()));
        Refused.with(
                Status.Code.NOT_FOUND,
                () -> client.runtime()
                        .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                                .setContainerId(UNKNOWN)
                                .setLinux(LinuxContainerResources.newBuilder().setCpuShares(100))
                                .build()));
        PodSandboxConfig config =
                Pods.named("none").hostNetwork().on(rig.node()).build();
        Refused.with(
                Status.Code.NOT_FOUND,
                () -> client.createContainer(UNKNOWN, rig.idle().in(config), config));
    }

    @Test
    @Field(value = "PodSandboxStatusRequest.pod_sandbox_id", does = "an id or its unique beginning, or NOT_FOUND")
    @Field(value = "ContainerStatusRequest.container_id", does = "an id or its unique beginning, or NOT_FOUND")
    void shortIdsWork(Rig rig) {
        RunningPod pod = rig.run(Pods.named("short").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        assertThat(rig.client().podStatus(pod.id().substring(0, 13)).getId()).isEqualTo(pod.id());
        assertThat(rig.client().containerStatus(container.id().substring(0, 13)).getId())
                .isEqualTo(container.id());
    }

    @Test
    void nameIsFreeAgainAfterRemoval(Rig rig) {
        PodSandboxConfig config =
                Pods.named("reused").hostNetwork().on(rig.node()).build();
        RunningPod first = rig.run(config);
        first.remove();
        RunningPod second = rig.run(config);
        assertThat(second.id()).isNotEqualTo(first.id());
        RunningContainer one = second.start(rig.idle());
        one.remove();
        RunningContainer two = second.start(rig.idle());
        assertThat(two.id()).isNotEqualTo(one.id());
    }
}
