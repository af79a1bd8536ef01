package dev.coracle.pod;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the youngest of each name was made: a kubelet sorts the attempts of one name by creation time, so it rises even where the clock
 * steps back. A concurrent map; any thread.
 */
final class CreationTimes {
    private final Clock clock;
    private final Map<Object, Long> youngest = new ConcurrentHashMap<>();

    CreationTimes(Clock clock) {
        this.clock = clock;
    }

    /** Now, or just after the youngest of that name; ns since the epoch, above 0. */
    long next(Object name) {
        return youngest.merge(name, Math.max(clock.realtime(), 1), (last, now) -> Math.max(now, last + 1));
    }

    /** There is one of that name, made then. */
    void saw(Object name, long createdAt) {
        youngest.merge(name, createdAt, Math::max);
    }

    /** That one is gone; when it was the youngest, so is what there is to remember. */
    void forget(Object name, long createdAt) {
        youngest.remove(name, createdAt);
    }
}
