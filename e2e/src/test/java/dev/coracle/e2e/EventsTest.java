package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerEventResponse;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandboxState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What GetContainerEvents tells. */
@DaemonTest
@CoracleOnly
final class EventsTest {
    private static final int FOLLOWERS = 5;
    private static final int PODS = 10;

    @Test
    void everyFollowerSeesAPodsWholeLife(Rig rig) {
        List<Follower> followers = follow(rig);
        try {
            RunningPod pod = rig.run(Pods.named("events"));
            RunningContainer container = pod.start(rig.busybox("exit 3"));
            container.awaitExit();
            pod.stop();
            container.remove();
            pod.remove();
            for (Follower follower : followers) {
                List<ContainerEventResponse> events = follower.await(8);
                assertThat(events.stream().map(EventsTest::word))
                        .containsExactly(
                                "CREATED " + pod.id(),
                                "STARTED " + pod.id(),
                                "CREATED " + container.id(),
                                "STARTED " + container.id(),
                                "STOPPED " + container.id(),
                                "STOPPED " + pod.id(),
                                "DELETED " + container.id(),
                                "DELETED " + pod.id());
                assertThat(events).isEqualTo(followers.getFirst().events());
            }
            checkSnapshots(followers.getFirst().events(), pod);
        } finally {
            followers.forEach(Follower::close);
        }
    }

    private static void checkSnapshots(List<ContainerEventResponse> events, RunningPod pod) {
        assertThat(events).allSatisfy(event -> {
            assertThat(event.getPodSandboxStatus().getId()).isEqualTo(pod.id());
            assertThat(event.getPodSandboxStatus().getMetadata())
                    .isEqualTo(pod.config().getMetadata());
            assertThat(event.getCreatedAt())
                    .isGreaterThanOrEqualTo(event.getPodSandboxStatus().getCreatedAt());
        });
        assertThat(events.get(1).getPodSandboxStatus().getNetwork().getIp()).startsWith("10.88.");
        assertThat(events.get(1).getContainersStatusesList()).isEmpty();
        assertThat(state(events.get(2))).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(events.get(3).getContainersStatuses(0).getStartedAt()).isPositive();
        assertThat(state(events.get(4))).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(events.get(4).getContainersStatuses(0).getExitCode()).isEqualTo(3);
        assertThat(events.get(4).getContainersStatuses(0).getFinishedAt()).isPositive();
        assertThat(events.get(5).getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(events.get(6).getContainersStatusesList()).isEmpty();
    }

    private static ContainerState state(ContainerEventResponse event) {
        return event.getContainersStatuses(0).getState();
    }

    /** Two connections, so that one can ask while the other is told. */
    @Test
    void whatAnEventTellsIsTrueForEveryOtherCall(Rig rig) {
        try (CriClient other = CriClient.connect(rig.daemon().socket());
                Follower follower = Follower.of(other, event -> check(rig, event))) {
            RunningPod pod = rig.run(Pods.named("truth").hostNetwork());
            pod.start(rig.busybox("exit 0")).awaitExit();
            pod.remove();
            follower.await(8);
        }
    }

    private static void check(Rig rig, ContainerEventResponse event) {
        String id = event.getContainerId();
        switch (event.getContainerEventType()) {
            case CONTAINER_DELETED_EVENT -> {
                assertThat(rig.client().pods()).noneMatch(pod -> pod.getId().equals(id));
                assertThat(containers(rig))
                        .noneMatch(container -> container.getId().equals(id));
            }
            case CONTAINER_STOPPED_EVENT -> {
                assertThat(rig.client().pods())
                        .noneMatch(pod -> pod.getId().equals(id) && pod.getState() == PodSandboxState.SANDBOX_READY);
                assertThat(containers(rig))
                        .noneMatch(container -> container.getId().equals(id)
                                && container.getState() != ContainerState.CONTAINER_EXITED);
            }
            default -> assertThat(event.getContainersStatusesCount()).isLessThanOrEqualTo(1);
        }
    }

    private static List<Container> containers(Rig rig) {
        return rig.client()
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList();
    }

    @Test
    void manyPodsAtOnceAreToldInFullToAll(Rig rig) throws Exception {
        List<Follower> followers = follow(rig);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Containers container = rig.busybox("exit 0");
            Callable<String> life = () -> {
                RunningPod pod = rig.run(
                        Pods.named("many" + Thread.currentThread().threadId()).hostNetwork());
                pod.start(container).awaitExit();
                pod.remove();
                return pod.id();
            };
            List<Callable<String>> lives =
                    Stream.generate(() -> life).limit(PODS).toList();
            for (var ended : threads.invokeAll(lives)) {
                String pod = ended.get();
                for (Follower follower : followers) {
                    List<String> seen = Waiting.until(
                            "the end of pod " + pod,
                            java.time.Duration.ofSeconds(30),
                            () -> Optional.of(kinds(follower, pod)).filter(all -> all.size() >= 8));
                    assertThat(seen)
                            .containsExactly(
                                    "CREATED", "STARTED", "CREATED", "STARTED", "STOPPED", "STOPPED", "DELETED",
                                    "DELETED");
                }
            }
            List<ContainerEventResponse> all = followers.getFirst().await(8 * PODS);
            assertThat(all).hasSize(8 * PODS);
            assertThat(followers)
                    .allSatisfy(follower -> assertThat(follower.events()).isEqualTo(all));
        } finally {
            followers.forEach(Follower::close);
        }
    }

    private static List<String> kinds(Follower follower, String pod) {
        return follower.events().stream()
                .filter(event -> event.getPodSandboxStatus().getId().equals(pod))
                .map(event -> word(event).substring(0, 7))
                .toList();
    }

    private static List<Follower> follow(Rig rig) {
        return Stream.generate(() -> Follower.of(rig.client())).limit(FOLLOWERS).toList();
    }

    static String word(ContainerEventResponse event) {
        return event.getContainerEventType().name().replaceFirst("CONTAINER_(.*)_EVENT", "$1") + " "
                + event.getContainerId();
    }
}
