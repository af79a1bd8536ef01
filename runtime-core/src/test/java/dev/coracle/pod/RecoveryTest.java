package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.shim.Exit;
import dev.coracle.state.ContainerState;
import dev.coracle.state.ContainerState.Exited;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodState;
import dev.coracle.state.PodState.Leftover;
import dev.coracle.state.PodState.Phase;
import dev.coracle.state.PodState.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a daemon makes of each state that the one before it may have died in. */
final class RecoveryTest {
    private static final PodState READY = new PodState.Ready(FakeNetwork.ATTACHMENT);

    @TempDir
    private Path directory;

    private TestNode node;
    private final FakeShim shim = new FakeShim(TestNode.POD);

    @BeforeEach
    void make() {
        node = new TestNode(directory);
    }

    private void shimLives() {
        node.shims.alive.put(TestNode.POD, shim);
    }

    private Optional<Pod> pod() {
        return node.site.table().pod(TestNode.POD.value());
    }

    private PodState podState() {
        return pod().orElseThrow().view().pod().state();
    }

    private ContainerState state() {
        return pod().orElseThrow()
                .view()
                .container(TestNode.CONTAINER)
                .orElseThrow()
                .state();
    }

    private void becomes(PodState state) {
        Waiting.until(() -> pod().isPresent() && podState().equals(state));
    }

    private Outcome outcome() {
        Waiting.until(() -> state() instanceof Exited);
        return ((Exited) state()).outcome();
    }

    private void gone() {
        Waiting.until(() -> pod().isEmpty());
        assertThat(node.site.node().records().pods()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_pod_in_the_making_is_undone(boolean alive) {
        if (alive) {
            shimLives();
        }
        node.left(new PodState.Creating(new Step.Made()));
        node.recover();
        gone();
        assertThat(node.network.calls).containsExactly("detach what may be");
        assertThat(alive ? shim.told : node.shim(TestNode.POD).told).endsWith("quit");
    }

    @Test
    void one_that_was_being_attached_is_released_too() {
        shimLives();
        node.shims.plans.add(7L);
        node.left(new PodState.Creating(new Step.Attaching()));
        node.recover();
        gone();
        assertThat(shim.told).as("the plugin's end is waited for first").startsWith("await 7");
        assertThat(node.network.calls).containsExactly("detach what may be");
    }

    @Test
    void one_that_was_attached_is_released_with_what_it_got() {
        node.left(new PodState.Creating(new Step.Attached(FakeNetwork.ATTACHMENT)));
        node.recover();
        gone();
        assertThat(node.network.calls).containsExactly("detach");
    }

    @Test
    void a_ready_pod_whose_shim_lives_is_ready() {
        shimLives();
        shim.runs(TestNode.CONTAINER.value());
        node.left(READY, new ContainerState.Running(TestNode.PREPARED, 1));
        node.recover();
        assertThat(podState()).isEqualTo(READY);
        assertThat(state()).isInstanceOf(ContainerState.Running.class);
        assertThat(node.network.calls).isEmpty();
        assertThat(shim.told).isEmpty();
    }

    @Test
    void a_ready_pod_whose_shim_is_dead_is_stopped() {
        node.left(READY, new ContainerState.Running(TestNode.PREPARED, 1));
        node.recover();
        becomes(new PodState.NotReady(null));
        assertThat(outcome().reason()).isEqualTo(Outcome.Reason.UNKNOWN);
        assertThat(outcome().message()).isEqualTo("the pod's shim died");
        assertThat(node.network.calls).containsExactly("detach");
    }

    @Test
    void a_start_that_a_dead_shim_saw_end_has_run() throws IOException {
        node.left(READY, new ContainerState.Starting(TestNode.PREPARED));
        node.exited("status=768 started=8000000000 time=9000000000 oom=0 lost=0");
        node.recover();
        becomes(new PodState.NotReady(null));
        assertThat(state())
                .isEqualTo(new Exited(TestNode.PREPARED, 8_000_000_000L, Outcome.of(3, 9_000_000_000L, false)));
    }

    @Test
    void a_stop_goes_on_from_where_it_was() {
        shimLives();
        node.left(new PodState.Stopping(Phase.KILLING, FakeNetwork.ATTACHMENT));
        node.recover();
        becomes(new PodState.NotReady(null));
        assertThat(node.network.calls).containsExactly("detach");
        assertThat(shim.told).endsWith("quit");
    }

    @Test
    void what_was_released_is_not_released_again() {
        shimLives();
        node.left(new PodState.Stopping(Phase.DISMANTLING, null));
        node.recover();
        becomes(new PodState.NotReady(null));
        assertThat(node.network.calls).isEmpty();
    }

    @Test
    void what_could_not_be_undone_waits_for_a_call() {
        PodState state = new PodState.NotReady(new Leftover("busy", FakeNetwork.ATTACHMENT));
        node.left(state);
        node.recover();
        assertThat(podState()).isEqualTo(state);
        node.operations.stopPod().stop(pod().orElseThrow(), Cancellation.NEVER);
        assertThat(node.network.calls).containsExactly("detach");
        assertThat(podState()).isEqualTo(new PodState.NotReady(null));
    }

    @Test
    void a_removal_goes_on() {
        node.left(new PodState.Removing(), new Exited(TestNode.PREPARED, 1, Outcome.of(0, 2, false)));
        node.recover();
        gone();
    }

    @Test
    void a_container_in_the_making_is_undone() {
        shimLives();
        node.left(READY, new ContainerState.Creating());
        node.recover();
        Waiting.until(() -> pod().orElseThrow().view().containers().isEmpty());
        assertThat(podState()).isEqualTo(READY);
        assertThat(node.site.table().container(TestNode.CONTAINER.value())).isEmpty();
    }

    @Test
    void a_start_that_has_succeeded_is_one() {
        shimLives();
        shim.runs(TestNode.CONTAINER.value());
        node.left(READY, new ContainerState.Starting(TestNode.PREPARED));
        node.recover();
        assertThat(state()).isEqualTo(new ContainerState.Running(TestNode.PREPARED, 7_000_000_000L));
    }

    @Test
    void a_start_that_has_not_is_a_failed_one() {
        shimLives();
        node.left(READY, new ContainerState.Starting(TestNode.PREPARED));
        node.recover();
        assertThat(outcome().reason()).isEqualTo(Outcome.Reason.START_ERROR);
        assertThat(outcome().message()).isEqualTo("the daemon was restarted during the start");
    }

    @Test
    void a_start_whose_process_has_ended_already_has_run() {
        shimLives();
        node.shims.exits.add(exit(3 << 8, false));
        node.left(READY, new ContainerState.Starting(TestNode.PREPARED));
        node.recover();
        assertThat(state())
                .isEqualTo(new Exited(TestNode.PREPARED, 8_000_000_000L, Outcome.of(3, 9_000_000_000L, false)));
        assertThat(shim.told).endsWith("acknowledge");
    }

    @Test
    void what_ended_while_no_daemon_was_there_is_known() {
        shimLives();
        node.shims.exits.add(exit(9, true));
        node.left(READY, new ContainerState.Running(TestNode.PREPARED, 1));
        node.recover();
        assertThat(outcome()).isEqualTo(Outcome.of(137, 9_000_000_000L, true));
    }

    private static Exit exit(int waitStatus, boolean oomKilled) {
        Instant started = Instant.ofEpochSecond(8);
        return new Exit(TestNode.CONTAINER.value(), waitStatus, started, started.plusSeconds(1), oomKilled, 0);
    }

    @Test
    void what_the_shim_does_not_know_is_lost() {
        shimLives();
        node.left(READY, new ContainerState.Running(TestNode.PREPARED, 1));
        node.recover();
        assertThat(outcome().reason()).isEqualTo(Outcome.Reason.UNKNOWN);
        assertThat(outcome().code()).isEqualTo(255);
    }

    @Test
    void a_stop_of_a_container_kills_at_the_deadline_that_was_set() {
        shimLives();
        shim.runs(TestNode.CONTAINER.value());
        node.left(READY, new ContainerState.Stopping(TestNode.PREPARED, 1, 2, node.monotonic.get() - 1, false));
        shim.onPlan = plan -> {
            if (shim.running.remove(TestNode.CONTAINER.value()) != null) {
                node.events().exited(TestNode.POD, exit(9, false));
            }
        };
        node.recover();
        assertThat(outcome().code()).isEqualTo(137);
        assertThat(shim.told).as("the signal was sent before").noneMatch(told -> told.startsWith("signal"));
    }

    @Test
    void a_removal_of_a_container_goes_on() {
        shimLives();
        node.left(READY, new ContainerState.Removing(new Exited(TestNode.PREPARED, 1, Outcome.of(0, 2, false))));
        node.recover();
        Waiting.until(() -> pod().orElseThrow().view().containers().isEmpty());
        assertThat(podState()).isEqualTo(READY);
    }

    @Test
    void the_network_of_a_ready_pod_is_checked_once_and_a_stop_ends_it() throws Exception {
        shimLives();
        node.left(READY);
        node.recover();
        Pod pod = pod().orElseThrow();
        NetworkChecks checks = new NetworkChecks(node.site.networks(), List.of(pod));
        checks.run(() -> true);
        assertThat(node.network.calls).containsExactly("check");
        assertThat(pod.network()).isEqualTo("as it was made");

        shim.hangs = "check";
        var hanging = TestNode.call(() -> checks.run(() -> true));
        Waiting.until(() -> shim.told.equals(List.of("check", "check")));
        node.operations.stopPod().stop(pod, Cancellation.NEVER);
        assertThat(hanging.get(30, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(node.network.calls).containsExactly("check", "check", "detach");
        assertThat(podState()).isEqualTo(new PodState.NotReady(null));
        checks.run(() -> true);
        assertThat(node.network.calls).as("it is not ready any more").hasSize(3);
    }
}
