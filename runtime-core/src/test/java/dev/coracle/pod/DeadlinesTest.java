package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What runs at its time, what does not run, and that nobody is forgotten. */
final class DeadlinesTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final Deadlines deadlines = new Deadlines();
    private final Queue<String> ran = new ConcurrentLinkedQueue<>();

    @Test
    void an_earlier_one_that_comes_later_is_not_late() {
        var _ = deadlines.after(LONG, () -> ran.add("late"));
        var _ = deadlines.after(Duration.ofMillis(50), () -> ran.add("second"));
        var _ = deadlines.after(Duration.ofMillis(1), () -> ran.add("first"));
        await().until(() -> ran.size() == 2);
        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void one_that_is_closed_never_runs() {
        Cancellation.Registration closed = deadlines.after(Duration.ofMillis(20), () -> ran.add("closed"));
        var _ = deadlines.after(Duration.ofMillis(40), () -> ran.add("open"));
        closed.close();
        await().until(() -> !ran.isEmpty());
        assertThat(ran).containsExactly("open");
    }

    @Test
    void none_of_many_is_lost() {
        AtomicInteger due = new AtomicInteger();
        for (int round = 0; round < 1_000; round++) {
            var _ = deadlines.after(Duration.ofNanos(1_000L * (1_000 - round)), due::incrementAndGet);
        }
        await().until(() -> due.get() == 1_000);
    }

    @Test
    void the_longest_there_can_be_does_not_come_at_once() {
        var _ = deadlines.after(Duration.ofSeconds(Long.MAX_VALUE), () -> ran.add("never"));
        var _ = deadlines.after(Duration.ofMillis(1), () -> ran.add("soon"));
        await().until(() -> !ran.isEmpty());
        assertThat(ran).containsExactly("soon");
    }
}
