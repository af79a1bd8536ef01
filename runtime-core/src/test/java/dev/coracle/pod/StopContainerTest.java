package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.TimedOut;
import dev.coracle.plan.Plan;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerState;
import dev.coracle.state.ContainerState.Stopping;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops of one container that meet: one signal, the nearest deadline, one end for all. */
final class StopContainerTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private TestNode node;
    private Pod pod;
    private FakeShim shim;

    @BeforeEach
    void runningContainer() {
        node = new TestNode(directory);
        pod = node.pod(new PodState.Ready(null), new ContainerState.Running(TestNode.PREPARED, 1));
        shim = node.shim(TestNode.POD);
    }

    private CompletableFuture<String> stop(Duration grace) {
        return TestNode.call(
                () -> node.operations.stopContainer().stop(pod, TestNode.CONTAINER, grace, Cancellation.NEVER));
    }

    private ContainerState state() {
        return pod.view().container(TestNode.CONTAINER).orElseThrow().state();
    }

    private void await(Predicate<ContainerState> wanted) {
        assertThat(pod.await(_ -> wanted.test(state()), Duration.ofSeconds(30).toNanos(), Cancellation.NEVER))
                .as(() -> "it is " + state())
                .isTrue();
    }

    private long grace() {
        return state() instanceof Stopping stopping ? stopping.deadline() - node.monotonic.get() : -1;
    }

    private void ends() {
        pod.change(desk -> desk.on(TestNode.CONTAINER, new ContainerEvent.Ended(0, Outcome.of(0, 9, false))));
    }

    @Test
    void the_deadline_is_the_nearest_of_all_calls_and_the_signal_is_sent_once() throws Exception {
        CompletableFuture<String> first = stop(HOUR.multipliedBy(5));
        await(Stopping.class::isInstance);
        assertThat(grace()).isEqualTo(HOUR.multipliedBy(5).toNanos());
        CompletableFuture<String> nearer = stop(HOUR.multipliedBy(2));
        await(_ -> grace() == HOUR.multipliedBy(2).toNanos());
        CompletableFuture<String> further = stop(HOUR.multipliedBy(9));
        node.monotonic.addAndGet(HOUR.toNanos());
        CompletableFuture<String> sameLater = stop(HOUR.multipliedBy(2));
        assertThat(grace()).as("an hour later").isEqualTo(HOUR.toNanos());
        ends();
        for (CompletableFuture<String> call : List.of(first, nearer, further, sameLater)) {
            assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("done");
        }
        assertThat(shim.told)
                .as("nothing was killed")
                .containsOnlyOnce("signal 15")
                .hasSize(1);
    }

    @Test
    void a_later_call_without_grace_kills_at_once() throws Exception {
        shim.onPlan = this::diesWhenKilled;
        CompletableFuture<String> patient = stop(HOUR);
        await(Stopping.class::isInstance);
        assertThat(stop(Duration.ZERO).get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(patient.get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(shim.told).hasSize(2).first().isEqualTo("signal 15");
    }

    @Test
    void without_grace_there_is_no_signal() throws Exception {
        shim.onPlan = this::diesWhenKilled;
        assertThat(stop(Duration.ofSeconds(-1)).get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(shim.told).hasSize(1).noneMatch(told -> told.startsWith("signal"));
    }

    private void diesWhenKilled(Plan plan) {
        assertThat(state()).matches(state -> state instanceof Stopping stopping && stopping.killing());
        ends();
    }

    @Test
    void what_does_not_die_is_named_and_the_next_call_tries_again() throws Exception {
        shim.onPlan = plan -> {
            throw new KernelFailure(plan.title(), 0, "kill_all", Errno.ETIMEDOUT, "process 7 waits in nfs_wait");
        };
        CompletableFuture<String> failing = stop(Duration.ZERO);
        assertThatThrownBy(() -> failing.get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TimedOut.class)
                .hasMessageContaining("stop container main: it does not die: ")
                .hasMessageContaining("process 7 waits in nfs_wait");
        assertThat(state()).isInstanceOf(Stopping.class);
        shim.onPlan = plan -> ends();
        assertThat(stop(HOUR).get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(state()).isInstanceOf(ContainerState.Exited.class);
        assertThat(shim.told).noneMatch(told -> told.startsWith("signal"));
    }

    @Test
    void a_container_that_has_ended_or_is_gone_needs_no_stop() throws Exception {
        ends();
        assertThat(stop(HOUR).get(30, TimeUnit.SECONDS)).isEqualTo("done");
        pod.change(desk -> desk.drop(TestNode.CONTAINER));
        assertThat(stop(HOUR).get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(shim.told).isEmpty();
    }
}
