package dev.coracle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunDirectoryTest {
    private static final PodRecord POD = Samples.pod();
    private static final ContainerRecord CONTAINER = Samples.container();

    @TempDir
    Path temporary;

    private StorePaths paths;
    private RunDirectory records;

    @BeforeEach
    void open() throws IOException {
        paths = new StorePaths(temporary.resolve("run"), temporary.resolve("state"));
        records = new RunDirectory(paths);
        Files.createDirectories(paths.pods());
    }

    @Test
    void a_pod_and_its_containers_come_back_as_last_saved() {
        begun();
        PodRecord ready = POD.with(new PodState.Ready(null));
        ContainerRecord created = CONTAINER.with(new ContainerState.Created(Samples.PREPARED));
        records.save(ready);
        records.save(created);
        assertThat(records.pods()).containsExactly(POD.id());
        assertThat(records.load(POD.id())).isEqualTo(new StoredPod(ready, List.of(created)));
    }

    private void begun() {
        records.begin(POD);
        records.save(POD);
        records.begin(CONTAINER);
        records.save(CONTAINER);
    }

    @Test
    void what_was_begun_and_never_saved_does_not_count() {
        records.begin(POD);
        assertThat(records.pods()).containsExactly(POD.id());
        assertThatThrownBy(() -> records.load(POD.id())).isInstanceOf(NotFound.class);
        records.save(POD);
        records.begin(CONTAINER);
        assertThat(records.load(POD.id()).containers()).isEmpty();
    }

    @Test
    void a_write_that_was_cut_off_leaves_the_old_record() throws IOException {
        begun();
        Files.writeString(paths.pod(POD.id()).resolve("record.new"), "{\"overh");
        assertThat(records.load(POD.id()).pod()).isEqualTo(POD);
        records.save(POD.doom());
        assertThat(records.load(POD.id()).pod()).isEqualTo(POD.doom());
    }

    @Test
    void damage_is_told_and_names_the_file() throws IOException {
        begun();
        Files.writeString(paths.record(POD.id(), CONTAINER.id()), "");
        assertThatThrownBy(() -> records.load(POD.id()))
                .isInstanceOf(CorruptRecord.class)
                .hasMessageContaining(paths.record(POD.id(), CONTAINER.id()).toString());
        Files.delete(paths.spec(POD.id()));
        assertThatThrownBy(() -> records.load(POD.id()))
                .isInstanceOf(CorruptRecord.class)
                .hasMessageContaining("spec: missing");
    }

    @Test
    void deleting_is_complete_and_may_be_repeated() throws IOException {
        begun();
        records.delete(CONTAINER);
        records.delete(CONTAINER);
        assertThat(records.load(POD.id()).containers()).isEmpty();
        Files.writeString(paths.pod(POD.id()).resolve("shim.sock"), "");
        records.delete(POD.id());
        records.delete(POD.id());
        assertThat(paths.pod(POD.id())).doesNotExist();
        assertThat(records.pods()).isEmpty();
    }

    @Test
    void what_is_not_ours_is_not_a_pod() throws IOException {
        Files.createDirectory(paths.pods().resolve("lost+found"));
        assertThat(records.pods()).isEmpty();
    }

    @Test
    void only_root_may_look_into_a_pod() throws IOException {
        records.begin(POD);
        assertThat(Files.getPosixFilePermissions(paths.pod(POD.id()))).hasSize(3);
    }
}
