package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What happens to pods and containers, for whoever follows. Guarded by its own lock, which is held for moments and never while somebody
 * waits for a follower: whoever announces goes on at once.
 *
 * <p>All followers read one row of the last {@link #KEPT} announcements, each from where it is; so however many there are, and however
 * slow, no more than that is held in memory. What every follower has read is let go; without followers nothing is kept.
 */
final class Announcements {
    /** How far a follower may fall behind. */
    static final int KEPT = 1_024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final Map<Long, Listed<Announcement>> kept = new HashMap<>();
    private final Set<Follower> followers = new HashSet<>();
    private final Clock clock;
    private long first;
    private long next;

    Announcements(Clock clock) {
        this.clock = clock;
    }

    /** Everything that is announced from now on. */
    Following follow() {
        lock.lock();
        try {
            Follower follower = new Follower(next);
            followers.add(follower);
            return follower;
        } finally {
            lock.unlock();
        }
    }

    /** {@code view} is what is true now, and written. */
    void announce(Iterable<Announcement.Kind> kinds, String id, View view) {
        lock.lock();
        try {
            if (followers.isEmpty()) {
                return;
            }
            for (Announcement.Kind kind : kinds) {
                add(new Announcement(kind, id, clock.realtime(), PodSnapshot.of(view)));
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(Announcement announcement) {
        kept.put(next, new Listed<>(announcement));
        next++;
        if (next - first > KEPT) {
            letGo(first + 1);
        }
        more.signalAll();
    }

    private void letGo(long until) {
        for (; first < until; first++) {
            kept.remove(first);
        }
    }

    private void letGoWhatAllHaveRead() {
        letGo(followers.stream().mapToLong(follower -> follower.at).min().orElse(next));
    }

    /** Its place is guarded by the lock. */
    private final class Follower implements Following {
        private long at;

        Follower(long at) {
            this.at = at;
        }

        @Override
        public Listed<Announcement> next(Cancellation cancellation) {
            try (Cancellation.Registration _ = cancellation.onCancel(this::wake)) {
                lock.lockInterruptibly();
                try {
                    while (at == next && !cancellation.cancelled()) {
                        more.await();
                    }
                    return take(cancellation);
                } finally {
                    lock.unlock();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Unavailable("follow events", "the daemon is ending", e);
            }
        }

        private Listed<Announcement> take(Cancellation cancellation) {
            if (cancellation.cancelled()) {
                throw new Cancelled("follow events");
            }
            Listed<Announcement> announcement = kept.get(at);
            if (announcement == null) {
                throw new Exhausted(
                        "follow events",
                        (first - at)
                                + " of them are lost, as they were not read in time; list pods and containers, and "
                                + "follow again");
            }
            at++;
            letGoWhatAllHaveRead();
            return announcement;
        }

        private void wake() {
            lock.lock();
            try {
                more.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                followers.remove(this);
                letGoWhatAllHaveRead();
            } finally {
                lock.unlock();
            }
        }
    }
}
