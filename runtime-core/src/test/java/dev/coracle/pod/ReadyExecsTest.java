package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Plan;
import dev.coracle.shim.ExecPlan;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets a plan that was made before, and who must not. */
final class ReadyExecsTest {
    private static final ContainerRecord CONTAINER = TestNode.container(new ContainerState.Creating());
    private static final StreamSpec.Exec PROBE = command("probe");

    private final ReadyExecs execs = new ReadyExecs();

    private static StreamSpec.Exec command(String... words) {
        return new StreamSpec.Exec(
                TestNode.CONTAINER, List.of(words), new StreamSpec.Streams(false, true, true, false));
    }

    private static ReadyExec ready(StreamSpec.Exec command, long number) {
        ExecPlan plan = new ExecPlan(number, "exec", () -> Plan.titled("exec").build());
        return new ReadyExec(CONTAINER, command, plan);
    }

    @Test
    void one_is_one_callers_until_it_comes_back() {
        ReadyExec probe = ready(PROBE, 1);
        assertThat(execs.take(CONTAINER, PROBE)).isEmpty();
        assertThat(execs.put(probe)).isEmpty();
        assertThat(execs.take(CONTAINER, command("probe"))).contains(probe);
        assertThat(execs.take(CONTAINER, PROBE)).isEmpty();
        assertThat(execs.put(probe)).isEmpty();
        assertThat(execs.take(CONTAINER, PROBE)).contains(probe);
    }

    @Test
    void another_command_or_other_streams_are_not_it() {
        assertThat(execs.put(ready(PROBE, 1))).isEmpty();
        assertThat(execs.take(CONTAINER, command("probe", "more"))).isEmpty();
        StreamSpec.Exec withInput = new StreamSpec.Exec(
                PROBE.container(), PROBE.command(), new StreamSpec.Streams(true, true, true, false));
        assertThat(execs.take(CONTAINER, withInput)).isEmpty();
    }

    @Test
    void a_change_of_the_container_asks_for_a_new_plan() {
        assertThat(execs.put(ready(PROBE, 1))).isEmpty();
        ContainerRecord changed = CONTAINER.with(CONTAINER.resources().withOomScoreAdj(7));
        assertThat(execs.take(changed, PROBE)).isEmpty();
        assertThat(execs.take(CONTAINER, PROBE)).isPresent();
    }

    @Test
    void of_too_many_the_one_not_used_for_longest_goes() {
        for (int i = 1; i <= 8; i++) {
            assertThat(execs.put(ready(command("probe", String.valueOf(i)), i))).isEmpty();
        }
        ReadyExec first = execs.take(CONTAINER, command("probe", "1")).orElseThrow();
        assertThat(execs.put(first)).isEmpty();
        assertThat(execs.put(ready(PROBE, 9)).orElseThrow().plan().number()).isEqualTo(2);
        assertThat(execs.take(CONTAINER, command("probe", "1"))).contains(first);
    }
}
