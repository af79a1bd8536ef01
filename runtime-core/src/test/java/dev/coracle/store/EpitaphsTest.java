package dev.coracle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.state.PodState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EpitaphsTest {
    private static final Epitaph FIRST = new Epitaph("boot", Samples.pod(), List.of(Samples.container()));
    private static final Epitaph SECOND =
            new Epitaph("boot", Samples.pod().with(new PodState.NotReady(null)), List.of(Samples.container()));

    @TempDir
    Path temporary;

    private Epitaphs open(Duration pause) {
        Epitaphs epitaphs = new Epitaphs(new StorePaths(temporary, temporary), pause);
        epitaphs.start();
        return epitaphs;
    }

    @Test
    void what_is_noted_is_on_the_disk_after_the_pause() {
        try (Epitaphs epitaphs = open(Duration.ofMillis(10))) {
            epitaphs.note(FIRST);
            await().until(() -> epitaphs.read().equals(List.of(FIRST)));
            epitaphs.note(SECOND);
            await().until(() -> epitaphs.read().equals(List.of(SECOND)));
            epitaphs.forget(FIRST.pod().id());
            await().until(() -> epitaphs.read().isEmpty());
        }
    }

    @Test
    void only_the_last_of_a_batch_is_written_and_an_end_waits_for_it() {
        try (Epitaphs epitaphs = open(Duration.ofHours(1))) {
            epitaphs.note(FIRST);
            epitaphs.note(SECOND);
            assertThat(epitaphs.read()).isEmpty();
        }
        try (Epitaphs again = open(Duration.ofHours(1))) {
            assertThat(again.read()).containsExactly(SECOND);
            again.forget(FIRST.pod().id());
        }
        try (Epitaphs again = open(Duration.ofHours(1))) {
            assertThat(again.read()).isEmpty();
        }
    }

    @Test
    void a_damaged_one_is_set_aside_and_the_others_are_read() throws IOException {
        try (Epitaphs epitaphs = open(Duration.ofHours(1))) {
            epitaphs.note(FIRST);
        }
        String bad = "2".repeat(64);
        Files.writeString(temporary.resolve("past").resolve(bad), "");
        try (Epitaphs again = open(Duration.ofHours(1))) {
            assertThat(again.read()).containsExactly(FIRST);
            assertThat(temporary.resolve("past").resolve(bad + ".corrupt")).exists();
        }
    }
}
