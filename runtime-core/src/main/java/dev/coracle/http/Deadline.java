package dev.coracle.http;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Until when something has to be done.
 *
 * @param at by System.nanoTime
 * @param patience how long that was in the beginning
 */
record Deadline(long at, Duration patience) {
    static Deadline in(Duration patience) {
        return new Deadline(System.nanoTime() + patience.toNanos(), patience);
    }

    Duration left() {
        return Duration.ofNanos(Math.max(0, at - System.nanoTime()));
    }

    /**
     * What the future brings.
     *
     * @throws HttpTimeoutException if it brings nothing in time; the future is left as it is
     */
    <T> T await(CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get(left().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw Failures.of(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw late();
        }
    }

    HttpTimeoutException late() {
        return new HttpTimeoutException("no answer in " + patience.toMillis() / 1000.0 + " seconds");
    }
}
