package dev.coracle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.spec.Resources;
import dev.coracle.state.Attachment;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordJsonTest {
    private static final Attachment GOT = new Attachment(List.of("10.1.0.5"), List.of("eth0"), "{\"a\":1}");

    @TempDir
    Path temporary;

    @Test
    void every_state_of_a_container_comes_back() {
        List<ContainerState> states = List.of(
                new ContainerState.Creating(),
                new ContainerState.Created(Samples.PREPARED),
                new ContainerState.Starting(Samples.PREPARED),
                new ContainerState.Running(Samples.PREPARED, 5),
                new ContainerState.Stopping(Samples.PREPARED, 5, 6, Long.MIN_VALUE, true),
                new ContainerState.Exited(null, 0, Outcome.unknown(9, "lost")),
                new ContainerState.Removing(new ContainerState.Created(Samples.PREPARED)));
        assertThat(states.stream().map(ContainerState::getClass).distinct())
                .hasSize(ContainerState.class.getPermittedSubclasses().length);
        for (ContainerState state : states) {
            assertRoundTrip(Samples.pod(), Samples.container().with(state));
        }
    }

    @Test
    void every_state_of_a_pod_comes_back() {
        List<PodState> states = List.of(
                new PodState.Creating(new PodState.Step.Made()),
                new PodState.Creating(new PodState.Step.Attaching()),
                new PodState.Creating(new PodState.Step.Attached(GOT)),
                new PodState.Ready(null),
                new PodState.Ready(GOT),
                new PodState.Stopping(PodState.Phase.DETACHING, GOT),
                new PodState.NotReady(null),
                new PodState.NotReady(new PodState.Leftover("busy", GOT)),
                new PodState.Removing());
        for (PodState state : states) {
            assertRoundTrip(Samples.pod().with(state).doom(), Samples.container());
        }
    }

    private void assertRoundTrip(PodRecord pod, ContainerRecord container) {
        Epitaph epitaph = new Epitaph("boot", pod, List.of(container));
        Path file = temporary.resolve("epitaph");
        RecordFile.write(file, epitaph, RecordJson::write);
        assertThat(RecordFile.read(file, RecordJson::epitaph)).contains(epitaph);
    }

    /** Else a field that is written nowhere could come back by chance. */
    @Test
    void the_samples_have_something_in_every_field() throws ReflectiveOperationException {
        assertFilled(Samples.pod().spec(), "pod");
        assertFilled(Samples.container().spec(), "container");
        assertFilled(Samples.container().image(), "image");
        assertFilled(Samples.PREPARED, "prepared");
    }

    private static void assertFilled(Record record, String place) throws ReflectiveOperationException {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            component.getAccessor().setAccessible(true);
            assertFilled(component.getAccessor().invoke(record), place + "." + component.getName());
        }
    }

    private static void assertFilled(@Nullable Object value, String place) throws ReflectiveOperationException {
        assertThat(value).as(place).isNotNull().isNotIn(false, 0, "", List.of(), Map.of());
        assertThat(value instanceof Long number && number == 0 && !place.endsWith("user.gid"))
                .as(place)
                .isFalse();
        if (value instanceof List<?> list) {
            assertFilled(list.get(0), place + "[0]");
        } else if (value instanceof Record record) {
            assertFilled(record, place);
        }
    }

    @Test
    void what_a_newer_build_adds_is_passed_over() throws IOException {
        String newer = "{\"cpuShares\":3,\"extra\":{\"x\":[1,{},null,true]},\"cpusetCpus\":null,\"pidsLimit\":4}";
        assertThat(read(newer, ResourcesJson::read))
                .isEqualTo(new Resources(0, 0, 3, 0, 0, 0, "", "", 4, List.of(), Map.of()));
    }

    @Test
    void what_an_older_build_did_not_know_is_empty() throws IOException {
        assertThat(read("{}", ResourcesJson::read)).isEqualTo(Resources.NONE);
    }

    @Test
    void what_nobody_can_guess_is_an_error_that_names_it() {
        assertCorrupt("{}", RecordJson::podProgress, "record.overhead: missing");
        assertCorrupt("{\"resources\":{}}", RecordJson::containerProgress, "record.state: missing");
        assertCorrupt("{}", SecurityJson::namespaces, "record.network: missing");
        assertCorrupt("{\"id\":\"12\"}", RecordJson::podOrigin, "not an id of 64 hex digits: 12");
    }

    @Test
    void a_state_of_a_newer_build_is_an_error_and_not_a_guess() {
        String sleeping = "{\"resources\":{},\"state\":{\"is\":\"Sleeping\",\"since\":4}}";
        assertCorrupt(sleeping, RecordJson::containerProgress, "record.state: unknown case Sleeping");
        assertCorrupt("{\"since\":4}", ContainerStateJson::read, "record: does not say what it is");
        assertCorrupt("{\"network\":\"HALF\"}", SecurityJson::namespaces, "record.network: unknown word HALF");
    }

    @Test
    void damage_is_named_with_its_place() {
        assertCorrupt("", ResourcesJson::read, "record: empty");
        assertCorrupt("{\"cpuShares\":1", ResourcesJson::read, "end-of-input");
        assertCorrupt("{\"cpuShares\":99999999999999999999}", ResourcesJson::read, "out of range");
        assertCorrupt(
                "{\"hugepageLimits\":[{},{\"limit\":\"x\"}]}",
                ResourcesJson::read,
                "hugepageLimits[1].limit: not a Long");
        assertCorrupt("{\"unified\":{\"a\":1}}", ResourcesJson::read, "record.unified.a: not a String");
        assertCorrupt("[]", ResourcesJson::read, "record: not a Map");
        assertCorrupt("{}{}", ResourcesJson::read, "record: more than one");
        assertCorrupt("\u0000\u0000\u0000", ResourcesJson::read, "Illegal character");
    }

    private void assertCorrupt(String text, Function<JsonSource, ?> reader, String message) {
        assertThatThrownBy(() -> read(text, reader))
                .isInstanceOf(CorruptRecord.class)
                .hasMessageContaining(temporary.resolve("file").toString())
                .hasMessageContaining(message);
    }

    private <T> @Nullable T read(String text, Function<JsonSource, T> reader) throws IOException {
        Files.writeString(temporary.resolve("file"), text);
        Optional<T> read = RecordFile.read(temporary.resolve("file"), reader);
        return read.orElse(null);
    }
}
