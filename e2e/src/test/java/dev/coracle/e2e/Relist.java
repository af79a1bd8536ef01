package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lists all pods and containers once a second, as a kubelet does, on a connection and a thread of its own, until it is closed. */
final class Relist implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final CriClient client;
    private final CountDownLatch enough = new CountDownLatch(1);
    private final List<Long> micros = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final Thread thread;

    private Relist(CriClient client) {
        this.client = client;
        this.thread = Thread.ofVirtual().start(this::run);
    }

    static Relist start(Path socket) {
        return new Relist(CriClient.connect(socket));
    }

    private void run() {
        try {
            do {
                list();
            } while (!enough.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (Exception | AssertionError e) {
            errors.add(e);
        }
    }

    private void list() {
        long begin = System.nanoTime();
        List<PodSandbox> pods = client.pods();
        List<Container> containers = client.runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList();
        micros.add((System.nanoTime() - begin) / 1000);
        Set<String> ids = new HashSet<>();
        for (PodSandbox pod : pods) {
            assertThat(ids.add(pod.getId())).as("listed twice: " + pod.getId()).isTrue();
            assertThat(pod.getCreatedAt()).isPositive();
        }
        for (Container container : containers) {
            assertThat(ids.add(container.getId()))
                    .as("listed twice: " + container.getId())
                    .isTrue();
            assertThat(container.getPodSandboxId()).isNotEmpty();
        }
    }

    void requireNoError() {
        assertThat(errors).isEmpty();
        assertThat(micros).isNotEmpty();
    }

    String summary() {
        List<Long> sorted = micros.stream().sorted().toList();
        return "lists meanwhile: %d, median %d µs, worst %d µs"
                .formatted(sorted.size(), sorted.get(sorted.size() / 2), sorted.getLast());
    }

    @Override
    public void close() {
        enough.countDown();
        Waiting.untilTrue("the last list", CriClient.USUAL, () -> !thread.isAlive());
        client.close();
    }
}
