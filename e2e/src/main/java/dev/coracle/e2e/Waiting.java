package dev.coracle.e2e;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something that will be true soon, by asking again and again. */
public final class Waiting {
    private Waiting() {}

    /** The first value that the question yields; an error that names what was waited for when time is up. */
    public static <T> T until(String what, Duration limit, Supplier<Optional<T>> question) {
        long end = System.nanoTime() + limit.toNanos();
        long pause = 2;
        while (true) {
            Optional<T> answer = question.get();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + limit + " in vain for " + what);
            }
            sleep(Duration.ofMillis(pause));
            pause = Math.min(pause * 2, 50);
        }
    }

    public static void untilTrue(String what, Duration limit, BooleanSupplier question) {
        until(what, limit, () -> question.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    public static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
