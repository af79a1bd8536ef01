package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerFilter;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStateValue;
import dev.coracle.proto.v1.ContainerStatsFilter;
import dev.coracle.proto.v1.ListContainerStatsRequest;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxFilter;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PodSandboxStateValue;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lists and their filters, which are ANDed. */
@DaemonTest
final class ListTest {

    private static List<String> pods(Rig rig, PodSandboxFilter.Builder filter) {
        return rig
                .client()
                .runtime()
                .listPodSandbox(
                        ListPodSandboxRequest.newBuilder().setFilter(filter).build())
                .getItemsList()
                .stream()
                .map(PodSandbox::getId)
                .toList();
    }

    private static List<String> containers(Rig rig, ContainerFilter.Builder filter) {
        return rig
                .client()
                .runtime()
                .listContainers(
                        ListContainersRequest.newBuilder().setFilter(filter).build())
                .getContainersList()
                .stream()
                .map(Container::getId)
                .toList();
    }

    private static PodSandboxFilter.Builder podsIn(PodSandboxState state) {
        return PodSandboxFilter.newBuilder()
                .setState(PodSandboxStateValue.newBuilder().setState(state));
    }

    private static ContainerFilter.Builder containersIn(ContainerState state) {
        return ContainerFilter.newBuilder()
                .setState(ContainerStateValue.newBuilder().setState(state));
    }

    @Test
    @Field(value = "PodSandboxFilter.id", does = "an id or its unique beginning; what is unknown gives an empty list")
    @Field(value = "PodSandboxFilter.label_selector", does = "every label must be equal")
    @Field(value = "PodSandboxStateValue.state", does = "READY or NOTREADY")
    void filtersOfPods(Rig rig) {
        RunningPod one =
                rig.run(Pods.named("one").hostNetwork().label("tier", "a").label("x", "1"));
        RunningPod two = rig.run(Pods.named("two").hostNetwork().label("tier", "a"));
        RunningPod three = rig.run(Pods.named("three").hostNetwork().label("tier", "b"));
        three.stop();

        assertThat(pods(rig, PodSandboxFilter.newBuilder())).containsExactlyInAnyOrder(one.id(), two.id(), three.id());
        assertThat(pods(rig, podsIn(PodSandboxState.SANDBOX_READY))).containsExactlyInAnyOrder(one.id(), two.id());
        assertThat(pods(rig, podsIn(PodSandboxState.SANDBOX_NOTREADY))).containsExactly(three.id());
        assertThat(pods(rig, PodSandboxFilter.newBuilder().putLabelSelector("tier", "a")))
                .containsExactlyInAnyOrder(one.id(), two.id());
        assertThat(pods(
                        rig,
                        PodSandboxFilter.newBuilder()
                                .putLabelSelector("tier", "a")
                                .putLabelSelector("x", "1")))
                .containsExactly(one.id());
        assertThat(pods(rig, PodSandboxFilter.newBuilder().setId(two.id().substring(0, 12))))
                .containsExactly(two.id());
        assertThat(pods(rig, podsIn(PodSandboxState.SANDBOX_NOTREADY).setId(two.id())))
                .isEmpty();
        assertThat(pods(rig, PodSandboxFilter.newBuilder().setId("0000"))).isEmpty();
    }

    @Test
    @Field(value = "ContainerFilter.id", does = "an id or its unique beginning; what is unknown gives an empty list")
    @Field(value = "ContainerFilter.pod_sandbox_id", does = "the containers of this pod")
    @Field(value = "ContainerFilter.label_selector", does = "every label must be equal")
    @Field(value = "ContainerStateValue.state", does = "CREATED, RUNNING, EXITED or UNKNOWN")
    void filtersOfContainers(Rig rig) {
        RunningPod pod = rig.run(Pods.named("pod").hostNetwork());
        RunningPod other = rig.run(Pods.named("other").hostNetwork());
        RunningContainer running = pod.start(rig.idle().named("running").label("k", "v"));
        RunningContainer created = pod.create(rig.idle().named("created"));
        RunningContainer exited =
                pod.start(rig.busybox("exit 1").named("exited").label("k", "v"));
        RunningContainer elsewhere = other.start(rig.idle());
        exited.awaitExit();

        assertThat(containers(rig, ContainerFilter.newBuilder()))
                .containsExactlyInAnyOrder(running.id(), created.id(), exited.id(), elsewhere.id());
        assertThat(containers(rig, containersIn(ContainerState.CONTAINER_CREATED)))
                .containsExactly(created.id());
        assertThat(containers(rig, containersIn(ContainerState.CONTAINER_EXITED)))
                .containsExactly(exited.id());
        assertThat(containers(
                        rig, containersIn(ContainerState.CONTAINER_RUNNING).setPodSandboxId(pod.id())))
                .containsExactly(running.id());
        assertThat(containers(rig, ContainerFilter.newBuilder().putLabelSelector("k", "v")))
                .containsExactlyInAnyOrder(running.id(), exited.id());
        assertThat(containers(rig, ContainerFilter.newBuilder().setPodSandboxId(other.id())))
                .containsExactly(elsewhere.id());
        assertThat(containers(
                        rig, ContainerFilter.newBuilder().setId(exited.id().substring(0, 12))))
                .containsExactly(exited.id());
    }

    @Test
    @Field(
            value = "ContainerStatsFilter.id",
            does = "an id or its unique beginning; what is unknown gives an empty list")
    @Field(value = "ContainerStatsFilter.pod_sandbox_id", does = "the containers of this pod")
    @Field(value = "ContainerStatsFilter.label_selector", does = "every label must be equal")
    void filtersOfStats(Rig rig) {
        RunningPod pod = rig.run(Pods.named("pod").hostNetwork());
        RunningContainer first = pod.start(rig.idle().named("first").label("k", "v"));
        RunningContainer second = pod.start(rig.idle().named("second"));
        RunningContainer elsewhere =
                rig.run(Pods.named("other").hostNetwork()).start(rig.idle().label("k", "w"));
        assertThat(stats(rig, ContainerStatsFilter.newBuilder()))
                .containsExactlyInAnyOrder(first.id(), second.id(), elsewhere.id());
        assertThat(stats(rig, ContainerStatsFilter.newBuilder().setId(second.id())))
                .containsExactly(second.id());
        assertThat(stats(rig, ContainerStatsFilter.newBuilder().setPodSandboxId(pod.id())))
                .containsExactlyInAnyOrder(first.id(), second.id());
        assertThat(stats(rig, ContainerStatsFilter.newBuilder().putLabelSelector("k", "w")))
                .containsExactly(elsewhere.id());
    }

    private static List<String> stats(Rig rig, ContainerStatsFilter.Builder filter) {
        return rig
                .client()
                .runtime()
                .listContainerStats(
                        ListContainerStatsRequest.newBuilder().setFilter(filter).build())
                .getStatsList()
                .stream()
                .map(stats -> stats.getAttributes().getId())
                .toList();
    }

    @Test
    @Field(value = "ContainerConfig.labels", does = "echoed byte for byte, selected by")
    @Field(value = "ContainerConfig.annotations", does = "echoed byte for byte")
    void entriesTellWhatWasAsked(Rig rig) {
        RunningPod pod = rig.run(Pods.named("entry").hostNetwork().annotation("note", "{\"a\": 1}\n"));
        RunningContainer container = pod.start(rig.idle().label("own", "label").annotation("n", "\u00fc"));
        PodSandbox listedPod = rig.client().pods().getFirst();
        assertThat(listedPod.getMetadata()).isEqualTo(pod.config().getMetadata());
        assertThat(listedPod.getAnnotationsMap()).isEqualTo(pod.config().getAnnotationsMap());
        assertThat(listedPod.getCreatedAt()).isEqualTo(pod.status().getCreatedAt());
        Container listed = rig.client()
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainers(0);
        assertThat(listed.getPodSandboxId()).isEqualTo(pod.id());
        assertThat(listed.getLabelsMap()).containsEntry("own", "label");
        assertThat(listed.getAnnotationsMap()).containsEntry("n", "\u00fc");
        if (rig.isCoracle()) {
            assertThat(listed.getImageRef()).isEqualTo(container.status().getImageRef());
        }
    }
}
