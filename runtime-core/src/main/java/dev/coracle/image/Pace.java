package dev.coracle.image;

import java.time.Duration;

/**
 * How many answers bring the ranges of a blob. Several side by side are faster where each connection has its limit, as to a store of
 * blobs; every request costs the server, though, and on a node with two cores also whoever pulls from a registry beside it. So the first
 * range comes alone: if it is {@code quick}, ranges come one after the other in long answers, until the reader waits more than it works.
 * Confined to the thread that reads.
 */
final class Pace {
    /** Ranges that one answer brings at most. */
    static final int LONG = 16;

    /** Of the time that the first range may take, so much is over before it is judged. */
    private static final int GRACE = 8;
    /** The reader's waiting is judged over so many ranges. */
    private static final int JUDGED = 8;

    private enum Way {
        UNKNOWN,
        ALONE,
        BESIDE
    }

    private final long quick;
    private final long grace;
    private Way way = Way.UNKNOWN;
    private long since;
    private long waited;
    private int used;

    /** @param quick within so long the first range must have come; zero is never so */
    Pace(Duration quick) {
        this.quick = quick.toNanos();
        this.grace = this.quick / GRACE;
    }

    /** The first range is on its way now; times are nanoseconds of one clock. */
    void begin(long now) {
        since = now;
    }

    /** It is not known yet: nothing more shall be asked for. */
    boolean isUnknown() {
        return way == Way.UNKNOWN;
    }

    /** Milliseconds that the reader may wait for bytes before it looks again; 0 for as long as it takes. */
    long patienceMillis() {
        return isUnknown() ? Math.max(1, Duration.ofNanos(grace).toMillis()) : 0;
    }

    /** So many bytes of the first range have come. */
    void look(int came, int length, long now) {
        long took = now - since;
        if (came == length && took < quick) {
            way = Way.ALONE;
            since = now;
        } else if (came == length || took - grace >= (double) quick * came / length) {
            way = Way.BESIDE;
        }
    }

    /** How many ranges the next answer shall bring. */
    int next() {
        return way == Way.ALONE ? LONG : 1;
    }

    /** The reader has used up a range, and has waited so long for it. */
    void used(long waiting, long now) {
        waited += waiting;
        used++;
        if (way != Way.ALONE || used < JUDGED) {
            return;
        }
        if (waited > (now - since) / 2) {
            way = Way.BESIDE;
        }
        waited = 0;
        used = 0;
        since = now;
    }
}
