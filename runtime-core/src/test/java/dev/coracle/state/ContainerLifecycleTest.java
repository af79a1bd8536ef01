package dev.coracle.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.spec.ResolvedUser;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ContainerLifecycleTest {
    private static final Prepared PREPARED = new Prepared(new ResolvedUser(0, 0, List.of(), "/"), List.of());
    private static final Outcome OK = Outcome.of(0, 70, false);
    private static final ContainerState CREATING = new ContainerState.Creating();
    private static final ContainerState CREATED = new ContainerState.Created(PREPARED);
    private static final ContainerState EXITED = new ContainerState.Exited(PREPARED, 40, OK);
    private static final ContainerState.Stopping STOPPING = new ContainerState.Stopping(PREPARED, 40, 50, 1_000, false);

    private static final Map<String, ContainerState> STATES = Grid.named(
            "Creating", CREATING,
            "Created", CREATED,
            "Starting", new ContainerState.Starting(PREPARED),
            "Running", new ContainerState.Running(PREPARED, 40),
            "Stopping", STOPPING,
            "Stopping(killing)", new ContainerState.Stopping(PREPARED, 40, 50, 1_000, true),
            "Exited", EXITED,
            "Removing(Creating)", new ContainerState.Removing(CREATING),
            "Removing(Created)", new ContainerState.Removing(CREATED),
            "Removing(Exited)", new ContainerState.Removing(EXITED));

    private static final Map<String, ContainerEvent> EVENTS = Grid.named(
            "Made",
            new ContainerEvent.Made(PREPARED),
            "StartAsked",
            new ContainerEvent.StartAsked(),
            "Started",
            new ContainerEvent.Started(40),
            "StartFailed",
            new ContainerEvent.StartFailed(Outcome.startError(41, "no such file")),
            "StopAsked",
            new ContainerEvent.StopAsked(50, 1_000),
            "KillBegun",
            new ContainerEvent.KillBegun(),
            "Ended",
            new ContainerEvent.Ended(0, OK),
            "RemoveAsked",
            new ContainerEvent.RemoveAsked(),
            "RemoveFailed",
            new ContainerEvent.RemoveFailed(Outcome.unknown(80, "busy")));

    @Test
    void events_make_of_each_state_what_the_grid_says() {
        Grid.check("container-events.txt", Grid.text(STATES, EVENTS, ContainerLifecycleTest::after));
    }

    @Test
    void calls_do_in_each_state_what_the_grid_says() {
        Map<String, ContainerCall> calls = Arrays.stream(ContainerCall.values())
                .collect(Collectors.toMap(
                        ContainerCall::name, Function.identity(), (a, _) -> a, java.util.LinkedHashMap::new));
        Grid.check(
                "container-calls.txt",
                Grid.text(
                        STATES,
                        calls,
                        (state, call) ->
                                ContainerLifecycle.answer(state, call).name().toLowerCase(Locale.ROOT)));
    }

    private static String after(ContainerState state, ContainerEvent event) {
        try {
            return name(ContainerLifecycle.next(state, event));
        } catch (IllegalStateException _) {
            return "-";
        }
    }

    private static String name(ContainerState state) {
        return switch (state) {
            case ContainerState.Stopping stopping when stopping.killing() -> "Stopping(killing)";
            case ContainerState.Removing(var before) -> "Removing(" + name(before) + ")";
            case ContainerState.Exited(var _, var _, var outcome)
            when outcome.reason() == Outcome.Reason.START_ERROR -> "Exited(StartError)";
            default -> state.getClass().getSimpleName();
        };
    }

    @Test
    void a_later_stop_brings_the_deadline_forward_and_never_back() {
        ContainerState sooner = ContainerLifecycle.next(STOPPING, new ContainerEvent.StopAsked(60, 900));
        assertThat(sooner).isEqualTo(new ContainerState.Stopping(PREPARED, 40, 50, 900, false));
        ContainerState later = ContainerLifecycle.next(sooner, new ContainerEvent.StopAsked(61, 2_000));
        assertThat(later).isEqualTo(sooner);
    }

    @Test
    void deadlines_compare_across_the_wrap_of_the_clock() {
        ContainerState nearWrap = new ContainerState.Stopping(PREPARED, 40, 50, Long.MIN_VALUE + 5, false);
        ContainerState sooner = ContainerLifecycle.next(nearWrap, new ContainerEvent.StopAsked(60, Long.MAX_VALUE - 5));
        assertThat(sooner).isEqualTo(new ContainerState.Stopping(PREPARED, 40, 50, Long.MAX_VALUE - 5, false));
    }

    @Test
    void a_process_whose_start_nobody_saw_keeps_its_own_exit() {
        Outcome outcome = Outcome.of(3, 45, false);
        assertThat(ContainerLifecycle.next(new ContainerState.Starting(PREPARED), new ContainerEvent.Ended(0, outcome)))
                .isEqualTo(new ContainerState.Exited(PREPARED, 45, outcome));
    }

    @Test
    void the_shim_knows_best_when_a_process_started() {
        Outcome outcome = Outcome.of(3, 45, false);
        ContainerState exited = new ContainerState.Exited(PREPARED, 42, outcome);
        for (ContainerState state : List.of(
                new ContainerState.Starting(PREPARED),
                new ContainerState.Running(PREPARED, 46),
                new ContainerState.Stopping(PREPARED, 46, 50, 60, false))) {
            assertThat(ContainerLifecycle.next(state, new ContainerEvent.Ended(42, outcome)))
                    .isEqualTo(exited);
        }
    }

    @Test
    void a_process_that_ended_at_once_did_not_end_before_it_started() {
        Outcome outcome = Outcome.of(3, 45, false);
        assertThat(ContainerLifecycle.next(
                        new ContainerState.Running(PREPARED, 46), new ContainerEvent.Ended(46, outcome)))
                .isEqualTo(new ContainerState.Exited(PREPARED, 45, outcome));
    }

    @Test
    void a_start_that_failed_never_ran() {
        Outcome failed = Outcome.startError(46, "exec /nope: ENOENT");
        ContainerState exited =
                ContainerLifecycle.next(new ContainerState.Starting(PREPARED), new ContainerEvent.StartFailed(failed));
        assertThat(exited).isEqualTo(new ContainerState.Exited(PREPARED, 0, failed));
        assertThat(ContainerLifecycle.next(exited, new ContainerEvent.Ended(0, OK)))
                .isSameAs(exited);
    }

    @Test
    void an_exit_told_twice_changes_nothing() {
        assertThat(ContainerLifecycle.next(EXITED, new ContainerEvent.Ended(0, Outcome.of(9, 99, true))))
                .isSameAs(EXITED);
    }

    @Test
    void what_cannot_happen_is_a_bug_that_names_both() {
        assertThatThrownBy(() -> ContainerLifecycle.next(CREATING, new ContainerEvent.KillBegun()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("KillBegun")
                .hasMessageContaining("Creating");
    }

    @Test
    void reasons_are_the_words_that_a_kubelet_knows() {
        assertThat(Outcome.of(0, 1, false).reason().word()).isEqualTo("Completed");
        assertThat(Outcome.of(3, 1, false).reason().word()).isEqualTo("Error");
        assertThat(Outcome.of(137, 1, true).reason().word()).isEqualTo("OOMKilled");
        assertThat(Outcome.startError(1, "x"))
                .extracting(o -> o.reason().word(), Outcome::code)
                .containsExactly("StartError", 128);
        assertThat(Outcome.unknown(1, "x"))
                .extracting(o -> o.reason().word(), Outcome::code)
                .containsExactly("Unknown", 255);
    }
}
