package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.shim.Session.Output;
import dev.coracle.shim.Session.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The room that what commands print has, for all of them together. */
final class ExecOutputTest {
    private static final Duration MOMENT = Duration.ofMillis(50);

    private final List<ExecOutput> all = new ArrayList<>();

    @AfterEach
    void release() {
        all.forEach(ExecOutput::release);
    }

    private ExecOutput collect(boolean unwanted, int bytes, Duration patience) throws InterruptedException {
        ExecOutput output = new ExecOutput(() -> unwanted, patience);
        all.add(output);
        for (int left = bytes; left > 0; left -= 16_384) {
            output.add(new Output(Stream.STDOUT, ByteBuffer.allocate(Math.min(left, 16_384))));
        }
        return output;
    }

    private static int size(ExecOutput output) {
        return output.result(0).stdout().stream()
                .mapToInt(ByteBuffer::remaining)
                .sum();
    }

    @Test
    void two_large_ones_leave_no_room_for_a_third_until_one_is_read() throws Exception {
        ExecOutput first = collect(false, 20 << 20, MOMENT);
        assertThat(size(first)).isEqualTo(ExecOutput.LIMIT);
        assertThat(size(collect(false, 1 << 20, MOMENT))).isEqualTo(1 << 20);
        assertThatThrownBy(() -> collect(false, 1 << 20, MOMENT))
                .isInstanceOf(Exhausted.class)
                .hasMessageStartingWith("keep what a command printed: the output of 2 others fills the room");
        assertThat(size(collect(false, 60_000, MOMENT))).isEqualTo(60_000);
        first.release();
        assertThat(size(collect(false, 1 << 20, MOMENT))).isEqualTo(1 << 20);
    }

    @Test
    void what_nobody_wants_any_more_waits_for_no_room() throws Exception {
        var _ = collect(false, 1 << 20, MOMENT);
        var _ = collect(false, 1 << 20, MOMENT);
        assertThat(size(collect(true, 1 << 20, Duration.ofHours(1)))).isLessThanOrEqualTo(64 << 10);
    }
}
