package dev.coracle.stream;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.spec.StreamSpec;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What clients may open connections for, by a secret word in the address they were given. Each is good for one connection within a
 * minute. Guarded by itself.
 */
final class Tokens {
    static final int LIMIT = 1000;
    static final Duration LIFE = Duration.ofMinutes(1);
    private static final int BYTES = 16;

    private record Ticket(StreamSpec spec, long end) {}

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoTime;
    /** In order of their ends. */
    private final LinkedHashMap<String, Ticket> tickets = new LinkedHashMap<>();

    Tokens(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * A new word.
     *
     * @throws Exhausted if too many wait to be used
     */
    synchronized String add(StreamSpec spec) {
        forgetOld();
        if (tickets.size() >= LIMIT) {
            throw new Exhausted(
                    "open streams", LIMIT + " connections are asked for and not opened yet; try again in a minute");
        }
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        tickets.put(token, new Ticket(spec, nanoTime.getAsLong() + LIFE.toNanos()));
        return token;
    }

    /** What the word stands for: empty if it is unknown, used or too old. */
    synchronized Optional<StreamSpec> take(String token) {
        forgetOld();
        return Optional.ofNullable(tickets.remove(token)).map(Ticket::spec);
    }

    private void forgetOld() {
        long now = nanoTime.getAsLong();
        tickets.values().removeIf(ticket -> ticket.end() - now <= 0);
    }
}
