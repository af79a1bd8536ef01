package dev.coracle.pod;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.shim.ExecPlan;
import dev.coracle.shim.Running;
import dev.coracle.shim.Session;
import dev.coracle.shim.Shim;
import dev.coracle.spec.PodId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Carries nothing out, and remembers what it was to carry out. Any thread. */
final class FakeShim implements Shim {
    final PodId pod;
    /** Titles of plans, and what else it was told, in order. */
    final List<String> told = new CopyOnWriteArrayList<>();

    final Map<String, Running> running = new ConcurrentHashMap<>();
    /** What else is to happen when a plan is carried out; may fail. */
    volatile Consumer<Plan> onPlan = plan -> {};

    /** Title of plans that only {@link #kill} ends. */
    volatile String hangs = "";

    private final AtomicLong plans = new AtomicLong();
    private final Map<Long, CountDownLatch> held = new ConcurrentHashMap<>();

    FakeShim(PodId pod) {
        this.pod = pod;
    }

    void runs(String id) {
        running.put(id, new Running(id, 4711, Instant.ofEpochSecond(7)));
    }

    @Override
    public PodId pod() {
        return pod;
    }

    @Override
    public long pid() {
        return 4242;
    }

    @Override
    public boolean connected() {
        return true;
    }

    @Override
    public Answers execute(Plan plan, Duration deadline) {
        return execute(nextPlan(), plan, deadline);
    }

    @Override
    public Answers execute(long number, Plan plan, Duration deadline) {
        if (plan.title().equals(hangs)) {
            hang(number, plan);
        }
        told.add(plan.title());
        onPlan.accept(plan);
        return Answers.NONE;
    }

    private void hang(long number, Plan plan) {
        told.add(plan.title());
        try {
            if (!held.computeIfAbsent(number, it -> new CountDownLatch(1)).await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody killed plan " + number);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new KernelFailure(plan.title(), -1, "killed", Errno.ECANCELED);
    }

    @Override
    public Optional<Answers> await(long number) {
        told.add("await " + number);
        return Optional.of(Answers.NONE);
    }

    @Override
    public long nextPlan() {
        return plans.incrementAndGet();
    }

    @Override
    public ExecPlan write(Supplier<Plan> plan) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Session exec(ExecPlan plan, Duration deadline) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forget(ExecPlan plan) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Session attach(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Running> running(String id) {
        return Optional.ofNullable(running.get(id));
    }

    @Override
    public void kill(long plan) {
        held.computeIfAbsent(plan, it -> new CountDownLatch(1)).countDown();
    }

    @Override
    public void signal(String id, int signal) {
        told.add("signal " + signal);
    }

    @Override
    public void reopenLog(String id, Path path) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resize(String id, int rows, int columns) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void closeStdin(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void acknowledge(String id) {
        told.add("acknowledge");
    }

    @Override
    public void quit() {
        told.add("quit");
    }
}
