package dev.coracle.image;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Work that is done once for all who ask for it at the same time, and is stopped when the last of them leaves before it is done.
 * All fields belong to this object's monitor; nothing is waited for inside it.
 */
final class SharedWork<K, V> {
    private final ExecutorService executor;
    private final Consumer<V> discard;
    private final Map<K, Job> jobs = new HashMap<>();

    /** @param discard what to do with a result once everybody who asked for it has left */
    SharedWork(ExecutorService executor, Consumer<V> discard) {
        this.executor = executor;
        this.discard = discard;
    }

    /** One caller's share in the work. It must leave in the end, also after it got the result. */
    final class Ticket {
        private final Job job;
        private boolean left;

        private Ticket(Job job) {
            this.job = job;
        }

        /** Done with the work's result or failure, or cancelled. The result is good until this ticket leaves. */
        CompletableFuture<V> result() {
            return job.result;
        }

        void leave() {
            synchronized (SharedWork.this) {
                if (!left) {
                    left = true;
                    job.leave();
                }
            }
        }
    }

    /** Joins the work that goes on for an equal key, or starts it. */
    synchronized Ticket join(K key, Callable<V> work) {
        Job job = jobs.get(key);
        if (job == null) {
            job = new Job(key);
            jobs.put(key, job);
            job.start(work);
        }
        job.waiting++;
        return new Ticket(job);
    }

    private final class Job {
        private final K key;
        private final CompletableFuture<V> result = new CompletableFuture<>();
        private @Nullable Future<?> running;
        private @Nullable V value;
        private int waiting;

        Job(K key) {
            this.key = key;
        }

        void start(Callable<V> work) {
            running = executor.submit(() -> run(work));
        }

        private void run(Callable<V> work) {
            try {
                V done = work.call();
                finish(done);
                result.complete(done);
            } catch (Throwable failure) {
                finish(null);
                result.completeExceptionally(failure);
            }
        }

        private void finish(@Nullable V done) {
            synchronized (SharedWork.this) {
                jobs.remove(key, this);
                if (done != null && waiting == 0) {
                    discard.accept(done);
                } else {
                    value = done;
                }
            }
        }

        /** Inside the monitor. */
        void leave() {
            waiting--;
            if (waiting > 0) {
                return;
            }
            if (value != null) {
                discard.accept(value);
                value = null;
            } else if (running != null && jobs.remove(key, this)) {
                running.cancel(true);
                result.completeExceptionally(new CancellationException("nobody waits for it"));
            }
        }
    }
}
