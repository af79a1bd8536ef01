package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.pod.Announcement.Kind;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import dev.coracle.store.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class AnnouncementsTest {
    private static final View VIEW = View.of(Samples.pod(), List.of());

    private final Announcements announcements = new Announcements(Clock.SYSTEM);

    @Test
    void each_follower_gets_all_since_it_came_in_order_and_encoded_once() {
        announce("before");
        try (Following one = announcements.follow();
                Following other = announcements.follow()) {
            announce("a", "b");
            assertThat(read(one, 2)).containsExactly("a", "b");
            announce("c");
            assertThat(read(other, 3)).containsExactly("a", "b", "c");
            assertThat(read(one, 1)).containsExactly("c");
            announce("d");
            assertThat(one.next(Cancellation.NEVER)).isSameAs(other.next(Cancellation.NEVER));
        }
    }

    @Test
    void who_falls_too_far_behind_is_told_how_much_is_lost_and_holds_up_nobody() {
        try (Following slow = announcements.follow();
                Following quick = announcements.follow()) {
            for (int i = 0; i < Announcements.KEPT + 5; i++) {
                announce("e" + i);
                assertThat(read(quick, 1)).containsExactly("e" + i);
            }
            assertThatThrownBy(() -> slow.next(Cancellation.NEVER))
                    .isInstanceOf(Exhausted.class)
                    .hasMessageContaining(": 5 of them are lost");
        }
    }

    @Test
    void one_just_not_too_far_behind_gets_all() {
        try (Following slow = announcements.follow()) {
            for (int i = 0; i < Announcements.KEPT; i++) {
                announce("e" + i);
            }
            assertThat(read(slow, Announcements.KEPT))
                    .hasSize(Announcements.KEPT)
                    .startsWith("e0");
        }
    }

    @Test
    void the_client_going_away_ends_the_waiting() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        CompletableFuture<Runnable> registered = new CompletableFuture<>();
        Cancellation client = new Cancellation() {
            private volatile boolean gone;

            @Override
            public boolean cancelled() {
                return gone;
            }

            @Override
            public Registration onCancel(Runnable action) {
                registered.complete(() -> {
                    gone = true;
                    action.run();
                });
                return () -> {};
            }
        };
        try (Following following = announcements.follow()) {
            Thread.ofVirtual().start(() -> {
                try {
                    following.next(client);
                } catch (RuntimeException e) {
                    ended.complete(e);
                }
            });
            registered.get(10, TimeUnit.SECONDS).run();
            assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(Cancelled.class);
        }
    }

    @Test
    void what_a_record_means_is_all_that_is_new_about_it() {
        ContainerRecord creating = Samples.container().with(new ContainerState.Creating());
        ContainerRecord created = Samples.container().with(new ContainerState.Created(Samples.PREPARED));
        ContainerRecord running = created.with(new ContainerState.Running(Samples.PREPARED, 5));
        ContainerRecord exited = running.on(new ContainerEvent.Ended(0, Outcome.of(0, 9, false)));
        ContainerRecord failed = created.with(new ContainerState.Starting(Samples.PREPARED))
                .on(new ContainerEvent.StartFailed(Outcome.startError(6, "no such file")));
        assertThat(Changes.of(null, creating)).isEmpty();
        assertThat(Changes.of(creating, created)).containsExactly(Kind.CREATED);
        assertThat(Changes.of(created, running)).containsExactly(Kind.STARTED);
        assertThat(Changes.of(running, running.with(new ContainerState.Stopping(Samples.PREPARED, 5, 6, 7, false))))
                .isEmpty();
        assertThat(Changes.of(running, exited)).containsExactly(Kind.STOPPED);
        assertThat(Changes.of(created, exited)).containsExactly(Kind.STARTED, Kind.STOPPED);
        assertThat(Changes.of(created, failed)).containsExactly(Kind.STOPPED);
        assertThat(Changes.of(exited, exited.on(new ContainerEvent.RemoveAsked())))
                .isEmpty();
    }

    @Test
    void a_pod_has_started_when_it_is_made_and_stopped_when_nothing_of_it_runs() {
        PodRecord making = Samples.pod().with(new PodState.Creating(new PodState.Step.Made()));
        PodRecord ready = making.with(new PodState.Ready(null));
        PodRecord stopping = making.with(new PodState.Stopping(PodState.Phase.KILLING, null));
        PodRecord stopped = making.with(new PodState.NotReady(null));
        assertThat(Changes.of(making, ready)).containsExactly(Kind.CREATED, Kind.STARTED);
        assertThat(Changes.of(ready, stopping)).isEmpty();
        assertThat(Changes.of(stopping, stopped)).containsExactly(Kind.STOPPED);
        assertThat(Changes.of(stopped, stopped.with(new PodState.Removing()))).isEmpty();
    }

    private void announce(String... ids) {
        for (String id : ids) {
            announcements.announce(List.of(Kind.STARTED), id, VIEW);
        }
    }

    private static List<String> read(Following following, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(following.next(Cancellation.NEVER).record().id());
        }
        return ids;
    }
}
