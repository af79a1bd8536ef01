package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedSyncTest {
    private static final int OTHERS = 10;

    private final AtomicInteger begun = new AtomicInteger();
    private final Semaphore disk = new Semaphore(0);
    private final SharedSync sync = new SharedSync(() -> {
        begun.incrementAndGet();
        disk.acquireUninterruptibly();
    });

    private static Thread start(FutureTask<?> task) {
        return Thread.ofPlatform().daemon().start(task);
    }

    private FutureTask<Void> waiting() {
        FutureTask<Void> task = new FutureTask<>(() -> {
            sync.await();
            return null;
        });
        Thread thread = start(task);
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return task;
    }

    @Test
    void whoComesWhileOneIsUnderWayIsServedByTheNext() throws Exception {
        FutureTask<Void> first = waiting();
        List<FutureTask<Void>> others = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            others.add(waiting());
        }
        assertThat(begun).hasValue(1);
        disk.release();
        first.get();
        await().untilAsserted(() -> assertThat(begun).hasValue(2));
        // What they have written may have come too late for the first one.
        assertThat(others).noneMatch(FutureTask::isDone);
        disk.release();
        for (FutureTask<Void> other : others) {
            other.get();
        }
        assertThat(begun).hasValue(2);
    }

    @Test
    void oneThatFailsIsNobodyElses() throws Exception {
        CountDownLatch failing = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        SharedSync bad = new SharedSync(() -> {
            if (runs.incrementAndGet() == 1) {
                awaitUninterrupted(failing);
                throw new IOException("the disk is gone");
            }
        });
        FutureTask<Void> first = new FutureTask<>(() -> {
            bad.await();
            return null;
        });
        start(first);
        await().until(() -> runs.get() == 1);
        FutureTask<Void> second = new FutureTask<>(() -> {
            bad.await();
            return null;
        });
        Thread waiting = start(second);
        await().until(() -> waiting.getState() == Thread.State.WAITING);
        failing.countDown();
        assertThatThrownBy(first::get).isInstanceOf(ExecutionException.class).hasRootCauseMessage("the disk is gone");
        second.get();
        assertThat(runs).hasValue(2);
    }

    private static void awaitUninterrupted(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void anInterruptionIsKeptForLater() throws Exception {
        disk.release(2);
        Thread.currentThread().interrupt();
        sync.await();
        assertThat(Thread.interrupted()).isTrue();
    }
}
