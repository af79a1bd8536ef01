package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SilenceTest {
    private final Silence silence = new Silence();

    @Test
    void looks_that_find_no_answer_are_counted() {
        assertThat(silence.seen(100, true, 90)).isEqualTo(1);
        assertThat(silence.seen(110, true, 90)).isEqualTo(2);
        assertThat(silence.seen(120, true, 99)).isEqualTo(3);
    }

    @Test
    void an_answer_begins_the_count_anew_although_something_is_asked_again() {
        assertThat(silence.seen(100, true, 90)).isEqualTo(1);
        assertThat(silence.seen(110, true, 90)).isEqualTo(2);
        assertThat(silence.seen(120, true, 115)).isEqualTo(1);
        assertThat(silence.seen(130, true, 115)).isEqualTo(2);
    }

    @Test
    void a_machine_that_is_not_asked_may_be_silent() {
        assertThat(silence.seen(100, true, 90)).isEqualTo(1);
        assertThat(silence.seen(110, false, 90)).isZero();
        assertThat(silence.seen(9_000, true, 90)).isEqualTo(1);
    }

    /** Nothing is seen while the daemon is stopped, however long that takes. */
    @Test
    void time_alone_counts_nothing() {
        assertThat(silence.seen(100, true, 90)).isEqualTo(1);
        assertThat(silence.seen(900_000, true, 90)).isEqualTo(2);
    }

    @Test
    void all_times_are_within_the_limit_and_what_the_kernel_takes() {
        AnswerTimes usual = new AnswerTimes(Duration.ofMinutes(1));
        assertThat(usual.keepIdle() + AnswerTimes.PROBES * usual.keepInterval()).isEqualTo(60);
        assertThat((AnswerTimes.LOOKS + 1) * usual.look()).isEqualTo(50_000);
        AnswerTimes least = new AnswerTimes(Duration.ofSeconds(1));
        assertThat(least.keepIdle()).isEqualTo(1);
        assertThat(least.keepInterval()).isEqualTo(1);
        AnswerTimes most = new AnswerTimes(Duration.ofHours(999_999));
        assertThat(most.keepIdle()).isEqualTo(32_767);
        assertThat(most.keepInterval()).isEqualTo(32_767);
    }
}
