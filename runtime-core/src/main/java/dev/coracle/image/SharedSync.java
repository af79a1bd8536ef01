package dev.coracle.image;

import java.io.IOException;

/**
 * One sync for all who want one at the same time: who asks while one is under way is served by the next, which begins after it. A disk takes
 * some milliseconds for each, whatever there is to write. Safe for any thread.
 */
final class SharedSync {
    private final Sync sync;
    private long begun;
    private long done;
    private boolean busy;

    /** Makes durable what was written before. */
    interface Sync {
        void run() throws IOException;
    }

    SharedSync(Sync sync) {
        this.sync = sync;
    }

    /**
     * Waits until all that was written before this call is on the disk; an interruption does not shorten that.
     *
     * @throws IOException if the sync that this thread made for all has failed; the others make another one
     */
    void await() throws IOException {
        long mine = turn();
        if (mine == 0) {
            return;
        }
        boolean succeeded = false;
        try {
            sync.run();
            succeeded = true;
        } finally {
            over(mine, succeeded);
        }
    }

    /** The number of the sync that this thread is to make; 0 if another has made one meanwhile. */
    private synchronized long turn() {
        long wanted = begun + 1;
        boolean interrupted = false;
        while (busy && done < wanted) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (done >= wanted) {
            return 0;
        }
        busy = true;
        return ++begun;
    }

    private synchronized void over(long number, boolean succeeded) {
        busy = false;
        if (succeeded) {
            done = number;
        }
        notifyAll();
    }
}
