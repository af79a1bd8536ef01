package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final int LENGTH = 1000;
    private static final long QUICK = 8_000_000;

    private final Pace pace = new Pace(Duration.ofNanos(QUICK));

    @Test
    void aFirstRangeInTimeMakesLongAnswers() {
        pace.begin(50);
        pace.look(0, LENGTH, 50);
        pace.look(LENGTH / 2, LENGTH, 50 + QUICK / 2);
        assertThat(pace.isUnknown()).isTrue();

        pace.look(LENGTH, LENGTH, 49 + QUICK);

        assertThat(pace.isUnknown()).isFalse();
        assertThat(pace.next()).isEqualTo(Pace.LONG);
        assertThat(pace.patienceMillis()).isZero();
    }

    @Test
    void aFirstRangeThatComesLateMakesShortOnes() {
        pace.begin(50);

        pace.look(LENGTH, LENGTH, 50 + QUICK);

        assertThat(pace.isUnknown()).isFalse();
        assertThat(pace.next()).isEqualTo(1);
        assertThat(pace.patienceMillis()).isZero();
    }

    @Test
    void whetherItWillBeLateShowsBeforeItsEnd() {
        assertThat(pace.patienceMillis()).isEqualTo(1);
        pace.begin(0);
        pace.look(LENGTH / 8, LENGTH, QUICK / 4 - 1);
        assertThat(pace.isUnknown()).isTrue();

        pace.look(LENGTH / 8, LENGTH, QUICK / 4);

        assertThat(pace.isUnknown()).isFalse();
        assertThat(pace.next()).isEqualTo(1);
    }

    @Test
    void noTimeIsNeverEnough() {
        Pace never = new Pace(Duration.ZERO);
        never.begin(7);

        never.look(LENGTH, LENGTH, 7);

        assertThat(never.next()).isEqualTo(1);
    }

    @Test
    void aReaderThatMostlyWaitsGetsShortAnswersAgain() {
        pace.begin(0);
        pace.look(LENGTH, LENGTH, 0);
        use(8, 40, 100);
        assertThat(pace.next()).as("it works more").isEqualTo(Pace.LONG);
        use(7, 60, 100);
        assertThat(pace.next()).as("too early to say").isEqualTo(Pace.LONG);

        use(1, 60, 100);

        assertThat(pace.next()).isEqualTo(1);
    }

    private long now;

    /** Uses up so many ranges. */
    private void use(int ranges, long waiting, long each) {
        for (int i = 0; i < ranges; i++) {
            now += each;
            pace.used(waiting, now);
        }
    }
}
