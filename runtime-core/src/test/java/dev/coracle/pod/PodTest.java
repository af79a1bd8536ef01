package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodState;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that meet at one pod. */
final class PodTest {
    @TempDir
    private Path directory;

    private Pod pod;

    @BeforeEach
    void make() {
        pod = new TestNode(directory).pod(new PodState.Ready(null), new ContainerState.Running(TestNode.PREPARED, 1));
    }

    private Work begin() {
        return pod.locked(desk -> desk.begin(Task.stop()));
    }

    private Optional<Work> current() {
        return pod.locked(desk -> desk.work(Task.stop()));
    }

    private static Object outcome(CompletableFuture<String> call) throws Exception {
        try {
            return call.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }

    @Test
    void all_who_join_share_how_it_went() throws Exception {
        Work good = begin();
        CompletableFuture<String> one = TestNode.call(() -> pod.join(good, Cancellation.NEVER));
        CompletableFuture<String> other = TestNode.call(() -> pod.join(good, Cancellation.NEVER));
        pod.carryOut(good, () -> assertThat(one).isNotDone());
        assertThat(outcome(one)).isEqualTo("done");
        assertThat(outcome(other)).isEqualTo("done");

        Work bad = begin();
        CompletableFuture<String> waiting = TestNode.call(() -> pod.join(bad, Cancellation.NEVER));
        WrongState failure = new WrongState("stop", "it does not");
        assertThatThrownBy(() -> pod.carryOut(bad, () -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(outcome(waiting)).isSameAs(failure);
        assertThat(outcome(TestNode.call(() -> pod.join(bad, Cancellation.NEVER))))
                .as("also who comes late")
                .isSameAs(failure);
    }

    @Test
    void one_task_has_one_at_it_and_is_free_when_it_is_over() {
        Work work = begin();
        assertThat(current()).contains(work);
        assertThatThrownBy(this::begin).isInstanceOf(IllegalStateException.class);
        pod.finish(work, null);
        assertThat(current()).isEmpty();
        assertThat(begin()).isNotSameAs(work);
    }

    /** An error is no RuntimeException, and who waits must not wait for ever. */
    @Test
    void work_that_ends_by_an_error_is_over_too() {
        Work work = begin();
        assertThatThrownBy(() -> pod.carryOut(work, () -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> pod.join(work, Cancellation.NEVER)).hasMessageContaining("ended by an error");
    }

    @Test
    void a_client_that_goes_away_ends_its_own_waiting_only() throws Exception {
        Work work = begin();
        CompletableFuture<String> patient = TestNode.call(() -> pod.join(work, Cancellation.NEVER));
        assertThatThrownBy(() -> pod.join(work, gone())).isInstanceOf(Cancelled.class);
        assertThat(patient).isNotDone();
        pod.finish(work, null);
        assertThat(outcome(patient)).isEqualTo("done");
    }

    private static Cancellation gone() {
        return new Cancellation() {
            @Override
            public boolean cancelled() {
                return true;
            }

            @Override
            public Registration onCancel(Runnable action) {
                action.run();
                return () -> {};
            }
        };
    }

    @Test
    void nothing_is_written_of_a_pod_that_is_forgotten() {
        pod.end();
        pod.change(desk -> {
            assertThat(desk.gone()).isTrue();
            desk.save(desk.pod().doom());
        });
        assertThat(pod.view().pod().doomed()).isFalse();
    }
}
