package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.pod.Journal.Told;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many pods at once, and several who follow: each is told what was written to disk, and nothing else. */
final class ToldAsWrittenTest {
    private static final int PODS = 50;
    private static final int FOLLOWERS = 5;
    private static final int EVENTS = 8;

    @TempDir
    private Path directory;

    private final List<Journal> journals = new ArrayList<>();

    @Test
    void every_follower_is_told_what_the_store_was_written_write_by_write() throws Exception {
        TestNode node = new TestNode(directory, records -> {
            journals.add(new Journal(records));
            return journals.getFirst();
        });
        List<Following> followers = Stream.generate(
                        () -> node.site.announcements().follow())
                .limit(FOLLOWERS)
                .toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Listed<Announcement>>>> told = followers.stream()
                    .map(follower -> threads.submit(() -> read(follower, PODS * EVENTS)))
                    .toList();
            List<Future<PodId>> lives = new ArrayList<>();
            for (int i = 0; i < PODS; i++) {
                int number = i;
                lives.add(threads.submit(() -> life(node, number)));
            }
            List<Listed<Announcement>> first = told.getFirst().get(60, TimeUnit.SECONDS);
            for (Future<PodId> life : lives) {
                PodId pod = life.get(60, TimeUnit.SECONDS);
                assertThat(of(pod, first))
                        .hasSize(EVENTS)
                        .isEqualTo(journals.getFirst().meaning(pod));
            }
            for (Future<List<Listed<Announcement>>> other : told) {
                assertThat(other.get(60, TimeUnit.SECONDS))
                        .as("the same, in the same order")
                        .isEqualTo(first);
            }
        } finally {
            followers.forEach(Following::close);
        }
    }

    private static List<Listed<Announcement>> read(Following following, int count) {
        return Stream.generate(() -> following.next(Cancellation.NEVER))
                .limit(count)
                .toList();
    }

    private static List<Told> of(PodId pod, List<Listed<Announcement>> all) {
        return all.stream()
                .map(Listed::record)
                .filter(announcement -> announcement.snapshot().pod().id().equals(pod))
                .map(Told::of)
                .toList();
    }

    /** A pod with a container that ends by itself. */
    private static PodId life(TestNode node, int number) {
        PodId id = node.operations.runPod().run(TestNode.sandbox("web" + number));
        Pod pod = node.site.table().knownPod(id.value());
        ContainerRecord container =
                TestNode.container(new ContainerId("%064x".formatted(number)), id, new ContainerState.Creating());
        pod.change(desk -> {
            node.site.node().records().begin(container);
            desk.save(container);
        });
        for (ContainerState state : List.of(
                new ContainerState.Created(TestNode.PREPARED),
                new ContainerState.Starting(TestNode.PREPARED),
                new ContainerState.Running(TestNode.PREPARED, 5),
                new ContainerState.Exited(TestNode.PREPARED, 5, Outcome.of(0, 9, false)))) {
            pod.change(desk -> desk.save(desk.knownContainer(container.id()).with(state)));
        }
        node.operations.removeContainer().remove(pod, container.id(), Cancellation.NEVER);
        node.operations.stopPod().stop(pod, Cancellation.NEVER);
        node.operations.removePod().remove(pod, Cancellation.NEVER);
        return id;
    }
}
