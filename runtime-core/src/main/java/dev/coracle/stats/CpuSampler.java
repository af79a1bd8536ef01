package dev.coracle.stats;

import dev.coracle.stats.GroupReader.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a counter into a rate, from the sample before: guarded by its own lock. A kubelet asks every ten seconds; whoever asks
 * more often than once a second gets the rate of the last whole second or more, which is steadier than one of a few
 * milliseconds.
 */
final class CpuSampler {
    private static final long SHORTEST = 1_000_000_000L;

    /** So young a group has a rate from its beginning; an older one that nobody knows yet might have been busy long ago. */
    private static final long YOUNG = 60 * SHORTEST;

    private final Map<String, Track> tracks = new HashMap<>();

    /**
     * Notes a sample.
     *
     * @param time ns
     * @param used ns of processor time since the group was made
     * @return ns of processor time per second; null while there is only one sample, or the group is not a second old
     */
    synchronized @Nullable Long nanoCores(Subject subject, long time, long used) {
        String id = subject.id();
        Track track = tracks.get(id);
        if (track == null && time - subject.born() < YOUNG) {
            track = new Track(subject.born(), 0, null);
        }
        if (track == null || used < track.used) { // a counter that went back is another group's
            tracks.put(id, new Track(time, used, null));
            return null;
        }
        if (time - track.time < SHORTEST) {
            return track.rate;
        }
        long rate = (long) ((used - track.used) * (double) SHORTEST / (time - track.time));
        tracks.put(id, new Track(time, used, rate));
        return rate;
    }

    /** Forgets all but these. */
    synchronized void keep(Set<String> ids) {
        tracks.keySet().retainAll(ids);
    }

    private record Track(long time, long used, @Nullable Long rate) {}
}
