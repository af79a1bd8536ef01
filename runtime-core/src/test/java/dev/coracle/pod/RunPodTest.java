package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Plan;
import dev.coracle.spec.PodId;
import dev.coracle.state.PodState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod in the making, and the calls that come meanwhile. */
final class RunPodTest {
    @TempDir
    private Path directory;

    private final CountDownLatch plugin = new CountDownLatch(1);
    private TestNode node;

    @BeforeEach
    void make() {
        node = new TestNode(directory);
    }

    private CompletableFuture<PodId> run(String name) {
        AtomicReference<PodId> id = new AtomicReference<>();
        return TestNode.call(() -> id.set(node.operations.runPod().run(TestNode.sandbox(name))))
                .thenApply(_ -> id.get());
    }

    /** Begins to make a pod whose plugin takes its time. */
    private Pod slow(CompletableFuture<PodId> run) {
        Waiting.until(() -> !node.site.table().pods().isEmpty());
        Pod pod = node.site.table().pods().iterator().next();
        pod.await(
                desk -> run.isDone() || desk.pod().state() instanceof PodState.Creating(PodState.Step.Attaching _),
                Duration.ofSeconds(30).toNanos(),
                Cancellation.NEVER);
        assertThat(run).isNotDone();
        return pod;
    }

    private void holdPlugins() {
        node.shims.onPlan = this::holdPlugin;
    }

    private void holdPlugin(Plan plan) {
        if (plan.title().equals("attach")) {
            try {
                assertThat(plugin.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void a_repeat_joins_and_gets_the_same_pod() throws Exception {
        holdPlugins();
        CompletableFuture<PodId> first = run("web");
        Pod pod = slow(first);
        CompletableFuture<PodId> second = run("web");
        plugin.countDown();
        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(pod.id());
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(pod.id());
        assertThat(run("web").get(30, TimeUnit.SECONDS))
                .as("and one that comes late")
                .isEqualTo(pod.id());
        assertThat(node.network.calls).containsExactly("attach");
        assertThat(pod.view().pod().addresses()).containsExactly("10.88.0.5");
    }

    @Test
    void another_request_of_the_same_name_is_refused_with_what_differs() throws Exception {
        PodId id = run("web").get(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> node.operations.runPod().run(TestNode.sandbox("web", "/kubepods/other")))
                .isInstanceOf(WrongState.class)
                .hasMessageContaining("sandbox " + id)
                .hasMessageContaining("cgroup_parent");
    }

    @Test
    void a_stop_dooms_it_and_who_makes_it_undoes_it() throws Exception {
        holdPlugins();
        CompletableFuture<PodId> run = run("web");
        Pod pod = slow(run);
        CompletableFuture<String> stop =
                TestNode.call(() -> node.operations.stopPod().stop(pod, Cancellation.NEVER));
        pod.await(desk -> desk.pod().doomed(), Duration.ofSeconds(30).toNanos(), Cancellation.NEVER);
        CompletableFuture<String> other =
                TestNode.call(() -> node.operations.removePod().remove(pod, Cancellation.NEVER));
        assertThat(stop).as("it waits for the plugin").isNotDone();
        plugin.countDown();
        assertThatThrownBy(() -> run.get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(WrongState.class)
                .hasMessageContaining("it was stopped meanwhile");
        assertThat(stop.get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(node.network.calls).containsExactly("attach", "detach");
        assertThat(node.shim(pod.id()).told).endsWith("quit");
        requireNothingLeft();
        assertThat(run("web").get(30, TimeUnit.SECONDS)).as("its name is free").isNotEqualTo(pod.id());
    }

    private void requireNothingLeft() {
        assertThat(node.site.table().pods()).isEmpty();
        assertThat(node.site.node().records().pods()).isEmpty();
    }

    @Test
    void what_fails_is_undone_and_told() {
        node.shims.onPlan = plan -> {
            if (plan.title().equals("attach")) {
                throw new Unavailable("attach", "no address is left");
            }
        };
        assertThatThrownBy(() -> run("web").get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("no address is left");
        assertThat(node.network.calls).containsExactly("attach", "detach what may be");
        requireNothingLeft();
    }

    @Test
    void where_the_undoing_fails_too_the_pod_is_listed_until_a_stop_succeeds() throws Exception {
        node.network.detachFails = true;
        node.shims.onPlan = plan -> {
            if (plan.title().equals("attach")) {
                throw new Unavailable("attach", "no address is left");
            }
        };
        assertThatThrownBy(() -> run("web").get(30, TimeUnit.SECONDS))
                .cause()
                .hasMessageContaining("no address is left")
                .hasSuppressedException(new Unavailable("detach", "the plugin is gone"));
        Pod pod = node.site.table().pods().iterator().next();
        assertThat(pod.view().pod().listed()).isTrue();
        assertThat(pod.view().pod().state()).isInstanceOf(PodState.NotReady.class);
        node.network.detachFails = false;
        node.operations.stopPod().stop(pod, Cancellation.NEVER);
        assertThat(pod.view().pod().state()).isEqualTo(new PodState.NotReady(null));
        node.operations.removePod().remove(pod, Cancellation.NEVER);
        assertThat(node.network.calls).isEqualTo(List.of("attach", "detach what may be", "detach what may be"));
        requireNothingLeft();
    }
}
