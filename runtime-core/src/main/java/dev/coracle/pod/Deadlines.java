package dev.coracle.pod;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs what is not over when its time has come. Nearly all is over long before, so nobody is woken to hear of a deadline later than the one
 * that is waited for already, nor of one that is dropped. A concurrent map and one thread; any thread may add.
 */
final class Deadlines {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long EPOCH = System.nanoTime();

    private record Deadline(long at, long number) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private final ConcurrentSkipListMap<Deadline, Runnable> deadlines = new ConcurrentSkipListMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Thread thread;

    /** When the thread looks again, at the latest. */
    private volatile long wakes;

    Deadlines() {
        thread = Thread.ofVirtual().name("deadlines").start(this::serve);
    }

    /** Runs {@code action} on a thread of its own after {@code delay}, unless what comes back is closed before. */
    Cancellation.Registration after(Duration delay, Runnable action) {
        long now = now();
        long nanos = TimeUnit.NANOSECONDS.convert(delay);
        Deadline deadline = new Deadline(nanos < NEVER - now ? now + nanos : NEVER, numbers.incrementAndGet());
        deadlines.put(deadline, action);
        if (deadline.at() < wakes) {
            LockSupport.unpark(thread);
        }
        return () -> deadlines.remove(deadline);
    }

    private void serve() {
        while (true) {
            long next = next();
            wakes = next;
            // what came before `wakes` was set did not wake anybody
            if (next() >= next) {
                LockSupport.parkNanos(this, next - now());
            }
            runPast();
        }
    }

    private long next() {
        Map.Entry<Deadline, Runnable> first = deadlines.firstEntry();
        return first == null ? NEVER : first.getKey().at();
    }

    private void runPast() {
        Map.Entry<Deadline, Runnable> first = deadlines.firstEntry();
        while (first != null && first.getKey().at() <= now()) {
            if (deadlines.remove(first.getKey(), first.getValue())) {
                Thread.ofVirtual().name("deadline").start(first.getValue());
            }
            first = deadlines.firstEntry();
        }
    }

    private static long now() {
        return System.nanoTime() - EPOCH;
    }
}
