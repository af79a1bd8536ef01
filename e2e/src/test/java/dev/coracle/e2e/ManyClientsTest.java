package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerEventResponse;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandboxState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** As much at once as a node's clients ask: fifty pods up and down, lists in between, events to five; and lists of five hundred pods. */
@DaemonTest
@CoracleOnly
final class ManyClientsTest {
    private static final int AT_ONCE = 50;
    private static final int ROUNDS = 10;
    private static final int FOLLOWERS = 5;
    private static final int EVENTS = 8;
    private static final int MANY = 500;
    private static final int LISTS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Test
    void podsComeAndGoUnderListsAndEvents(Rig rig) throws Exception {
        Containers idle = rig.idle();
        Containers ends = rig.busybox("exit 0");
        atOnce(AT_ONCE, i -> () -> life(rig, Pods.named("warm" + i), idle, false)); // what is made once and stays
        long descriptors = descriptors(rig);
        long begin = System.nanoTime();
        List<CriClient> clients = connections(rig);
        try (Relist relist = Relist.start(rig.daemon().socket())) {
            List<Follower> followers = clients.stream().map(Follower::of).toList();
            Map<String, List<String>> told = new HashMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                String name = "round" + round + "-";
                for (Lived lived : atOnce(
                        AT_ONCE, i -> () -> life(rig, Pods.named(name + i), i % 2 == 0 ? idle : ends, i % 2 != 0))) {
                    told.put(lived.pod(), lived.events());
                }
            }
            report("50 pods up and down, 10 times", begin);
            requireEvents(followers, told);
            relist.requireNoError();
            System.out.println(relist.summary());
            followers.forEach(Follower::close);
        } finally {
            clients.forEach(CriClient::close);
        }
        assertThat(rig.client().pods()).isEmpty();
        Waiting.untilTrue("as many descriptors as before", PATIENCE, () -> descriptors(rig) <= descriptors);
    }

    /** What became of a pod's life, in the words of its events. */
    private record Lived(String pod, List<String> events) {}

    private static Lived life(Rig rig, Pods pods, Containers container, boolean ends) {
        RunningPod pod = rig.run(hasNetwork(pods) ? pods : pods.hostNetwork());
        RunningContainer started = pod.start(container);
        if (ends) {
            started.awaitExit();
        }
        pod.stop();
        pod.remove();
        return new Lived(
                pod.id(),
                List.of(
                        "CREATED " + pod.id(),
                        "STARTED " + pod.id(),
                        "CREATED " + started.id(),
                        "STARTED " + started.id(),
                        "STOPPED " + started.id(),
                        "STOPPED " + pod.id(),
                        "DELETED " + started.id(),
                        "DELETED " + pod.id()));
    }

    /** Every tenth: plugins are programs, and would be all that this measures. */
    private static boolean hasNetwork(Pods pods) {
        return pods.build().getMetadata().getName().endsWith("0");
    }

    /** Each is told all, in one and the same order, and of each pod what its client did, step by step. */
    private static void requireEvents(List<Follower> followers, Map<String, List<String>> told) {
        int all = EVENTS * told.size();
        List<ContainerEventResponse> first = Waiting.until(
                all + " events",
                PATIENCE,
                () -> java.util.Optional.of(followers.getFirst().events()).filter(events -> events.size() >= all));
        assertThat(first).hasSize(all);
        Map<String, List<String>> seen = new HashMap<>();
        for (ContainerEventResponse event : first) {
            seen.computeIfAbsent(event.getPodSandboxStatus().getId(), k -> new ArrayList<>())
                    .add(EventsTest.word(event));
        }
        assertThat(seen).isEqualTo(told);
        for (Follower follower : followers) {
            Waiting.untilTrue(
                    "the last event", PATIENCE, () -> follower.events().size() >= all);
            assertThat(follower.events()).isEqualTo(first);
        }
    }

    @Test
    void listsOfFiveHundredPodsTakeTenMilliseconds(Rig rig) throws Exception {
        Containers idle = rig.idle();
        List<RunningPod> pods = atOnce(MANY, i -> () -> {
            RunningPod pod = rig.run(Pods.named("listed" + i).hostNetwork());
            pod.create(idle);
            return pod;
        });
        assertThat(rig.client().pods()).hasSize(MANY).allMatch(pod -> pod.getState() == PodSandboxState.SANDBOX_READY);
        assertThat(containers(rig.client())).hasSize(MANY);
        List<Long> times = IntStream.range(0, LISTS)
                .mapToObj(i -> micros(() -> {
                    var _ = rig.client().pods();
                    var _ = containers(rig.client());
                }))
                .sorted()
                .toList();
        System.out.printf(
                "lists of %d pods and of their containers, both: best %d µs, median %d µs, worst %d µs%n",
                MANY, times.getFirst(), times.get(LISTS / 2), times.getLast());
        // the best of them: on a busy machine that is the one that nobody interrupted
        assertThat(times.getFirst()).isLessThan(10_000);
        atOnce(MANY, i -> () -> {
            pods.get(i).remove();
            return i;
        });
    }

    private static <T> List<T> atOnce(int count, IntFunction<Callable<T>> what) throws Exception {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            List<T> done = new ArrayList<>();
            for (var each :
                    threads.invokeAll(IntStream.range(0, count).mapToObj(what).toList())) {
                done.add(each.get());
            }
            return done;
        }
    }

    private static List<Container> containers(CriClient client) {
        return client.runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList();
    }

    private static List<CriClient> connections(Rig rig) {
        return Stream.generate(() -> CriClient.connect(rig.daemon().socket()))
                .limit(FOLLOWERS)
                .toList();
    }

    private static long descriptors(Rig rig) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + rig.daemon().pid() + "/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long micros(Runnable action) {
        long begin = System.nanoTime();
        action.run();
        return (System.nanoTime() - begin) / 1000;
    }

    private static void report(String what, long begin) {
        System.out.printf("%s: %.1f s%n", what, (System.nanoTime() - begin) / 1e9);
    }
}
