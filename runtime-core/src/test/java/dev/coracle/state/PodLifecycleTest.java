package dev.coracle.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.state.PodState.Creating;
import dev.coracle.state.PodState.Leftover;
import dev.coracle.state.PodState.NotReady;
import dev.coracle.state.PodState.Phase;
import dev.coracle.state.PodState.Ready;
import dev.coracle.state.PodState.Removing;
import dev.coracle.state.PodState.Step;
import dev.coracle.state.PodState.Stopping;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PodLifecycleTest {
    private static final Attachment GOT = new Attachment(List.of("10.1.0.5"), List.of("eth0"), "{}");

    private record Marked(PodState state, boolean doomed) {}

    private static final Map<String, PodState> STATES = Grid.named(
            "Creating(Made)", new Creating(new Step.Made()),
            "Creating(Attaching)", new Creating(new Step.Attaching()),
            "Creating(Attached)", new Creating(new Step.Attached(GOT)),
            "Ready", new Ready(GOT),
            "Stopping(Killing)", new Stopping(Phase.KILLING, GOT),
            "Stopping(Detaching)", new Stopping(Phase.DETACHING, GOT),
            "Stopping(Dismantling)", new Stopping(Phase.DISMANTLING, null),
            "NotReady", new NotReady(null),
            "NotReady(leftover)", new NotReady(new Leftover("plugin failed", GOT)),
            "Removing", new Removing());

    private static final Map<String, PodEvent> EVENTS = Grid.named(
            "AttachBegun",
            new PodEvent.AttachBegun(),
            "AttachDone",
            new PodEvent.AttachDone(GOT),
            "Made",
            new PodEvent.Made(),
            "UndoFailed",
            new PodEvent.UndoFailed("plugin failed"),
            "StopAsked",
            new PodEvent.StopAsked(),
            "Killed",
            new PodEvent.Killed(),
            "Detached",
            new PodEvent.Detached(),
            "Dismantled",
            new PodEvent.Dismantled(),
            "StopFailed",
            new PodEvent.StopFailed("plugin failed"),
            "Rebooted",
            new PodEvent.Rebooted(GOT),
            "RemoveAsked",
            new PodEvent.RemoveAsked(),
            "RemoveFailed",
            new PodEvent.RemoveFailed());

    @Test
    void events_make_of_each_state_what_the_grid_says() {
        Grid.check("pod-events.txt", Grid.text(STATES, EVENTS, PodLifecycleTest::after));
    }

    @Test
    void calls_do_in_each_state_what_the_grid_says() {
        Map<String, Marked> rows = new LinkedHashMap<>();
        STATES.forEach((name, state) -> {
            rows.put(name, new Marked(state, false));
            if (state instanceof Creating) {
                rows.put(name + " doomed", new Marked(state, true));
            }
        });
        Map<String, PodCall> calls = Arrays.stream(PodCall.values())
                .collect(Collectors.toMap(PodCall::name, Function.identity(), (a, _) -> a, LinkedHashMap::new));
        Grid.check(
                "pod-calls.txt",
                Grid.text(
                        rows,
                        calls,
                        (row, call) -> PodLifecycle.answer(row.state(), row.doomed(), call)
                                .name()
                                .toLowerCase(Locale.ROOT)));
    }

    private static String after(PodState state, PodEvent event) {
        try {
            return name(PodLifecycle.next(state, event));
        } catch (IllegalStateException _) {
            return "-";
        }
    }

    private static String name(PodState state) {
        return switch (state) {
            case Creating(var step) -> "Creating(" + step.getClass().getSimpleName() + ")";
            case Stopping(var phase, var _) -> {
                String word = phase.name().toLowerCase(Locale.ROOT);
                yield "Stopping(" + word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1) + ")";
            }
            case NotReady(var leftover) -> leftover == null ? "NotReady" : "NotReady(leftover)";
            case Ready _ -> "Ready";
            case Removing _ -> "Removing";
        };
    }

    @Test
    void what_the_network_gave_is_kept_until_it_is_released() {
        PodState state = new Ready(GOT);
        state = PodLifecycle.next(state, new PodEvent.StopAsked());
        state = PodLifecycle.next(state, new PodEvent.Killed());
        assertThat(state).isEqualTo(new Stopping(Phase.DETACHING, GOT));
        PodState failed = PodLifecycle.next(state, new PodEvent.StopFailed("no plugin"));
        assertThat(failed).isEqualTo(new NotReady(new Leftover("no plugin", GOT)));
        assertThat(PodLifecycle.next(failed, new PodEvent.StopAsked())).isEqualTo(new Stopping(Phase.KILLING, GOT));
        assertThat(PodLifecycle.next(state, new PodEvent.Detached())).isEqualTo(new Stopping(Phase.DISMANTLING, null));
    }

    @Test
    void a_failed_undo_keeps_what_is_known_of_the_attachment() {
        assertThat(PodLifecycle.next(new Creating(new Step.Attached(GOT)), new PodEvent.UndoFailed("busy")))
                .isEqualTo(new NotReady(new Leftover("busy", GOT)));
        assertThat(PodLifecycle.next(new Creating(new Step.Attaching()), new PodEvent.UndoFailed("busy")))
                .isEqualTo(new NotReady(new Leftover("busy", null)));
    }

    @Test
    void what_is_not_clean_cannot_be_removed_at_once() {
        PodState dirty = new NotReady(new Leftover("busy", null));
        assertThatThrownBy(() -> PodLifecycle.next(dirty, new PodEvent.RemoveAsked()))
                .isInstanceOf(IllegalStateException.class);
    }
}
