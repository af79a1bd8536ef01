package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.pod.Announcement.Kind;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.store.Records;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod: its records, and the only lock there is. A call takes the lock twice, for microseconds: to write what it is about to do, and to
 * write what came of it. Readers take no lock: they see the last view published. Who has to wait for somebody else waits here.
 */
final class Pod {
    private static final Logger LOG = LoggerFactory.getLogger(Pod.class);

    private final PodId id;
    private final Records records;
    private final Announcements announcements;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Task, Work> works = new HashMap<>();
    private final Desk desk = new OwnDesk();
    private final ReadyExecs execs = new ReadyExecs();
    private volatile View view;
    private volatile @Nullable Shim shim;
    private volatile String network = "";
    private boolean gone;

    /** {@code view} is what the store has of it, or what it is about to have. */
    Pod(View view, Records records, Announcements announcements) {
        this.id = view.pod().id();
        this.view = view;
        this.records = records;
        this.announcements = announcements;
    }

    PodId id() {
        return id;
    }

    /** As it is now. */
    View view() {
        return view;
    }

    /** Does something that takes microseconds and waits for nothing, while nobody else can change the records. */
    <T> T locked(Function<Desk, T> action) {
        lock.lock();
        try {
            return action.apply(desk);
        } finally {
            changed.signalAll();
            lock.unlock();
        }
    }

    /** The same without an answer. */
    void change(Consumer<Desk> action) {
        locked(at -> {
            action.accept(at);
            return id;
        });
    }

    /** The caller, who began it, has done its work; {@code failure} is null when it went well. */
    void finish(Work work, @Nullable RuntimeException failure) {
        change(_ -> {
            work.end(failure);
            works.remove(work.task(), work);
        });
    }

    /** Does what was begun, in the calling thread, and says how it went. */
    void carryOut(Work work, Runnable action) {
        RuntimeException failure = new IllegalStateException("ended by an error: " + work.task());
        try {
            action.run();
            failure = null;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            finish(work, failure);
        }
    }

    /** Does what was begun on a thread of its own, for those who {@link #join} it, or for nobody. */
    void carryOutAside(Work work, Runnable action) {
        Thread.ofVirtual().name(work.task() + " of " + id).start(() -> {
            try {
                carryOut(work, action);
            } catch (RuntimeException e) {
                LOG.debug("{} of pod {} failed, as whoever waits for it is told", work.task(), id, e);
            }
        });
    }

    /** Waits for somebody else's work and shares its outcome, whatever it is. */
    void join(Work work, Cancellation cancellation) {
        await(_ -> work.over(), Long.MAX_VALUE, cancellation);
        RuntimeException failure =
                locked(_ -> Optional.ofNullable(work.failure())).orElse(null);
        if (failure != null) {
            throw failure;
        }
    }

    /** Waits for the end of somebody else's work, however it goes, and at most {@code nanos}; false when they have passed. */
    boolean awaitEnd(Work work, long nanos) {
        return await(_ -> work.over(), nanos, Cancellation.NEVER);
    }

    /**
     * Waits until the records are as they should be.
     *
     * @param nanos at most; {@link Long#MAX_VALUE} for ever
     * @return false when these have passed
     * @throws Cancelled if the client goes away first
     */
    boolean await(Predicate<Desk> wanted, long nanos, Cancellation cancellation) {
        try (Cancellation.Registration _ = cancellation.onCancel(this::wake)) {
            lock.lockInterruptibly();
            try {
                long left = nanos;
                while (!wanted.test(desk)) {
                    if (cancellation.cancelled()) {
                        throw new Cancelled("wait for pod " + id);
                    }
                    if (left <= 0) {
                        return false;
                    }
                    left = nanos == Long.MAX_VALUE ? waitForever() : changed.awaitNanos(left);
                }
                return true;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("wait for pod " + id, "the daemon is ending", e);
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private long waitForever() throws InterruptedException {
        // A signal is never lost, but a waiting that nobody can end would never be found either.
        changed.await(1, TimeUnit.MINUTES);
        return Long.MAX_VALUE;
    }

    private void wake() {
        change(_ -> {});
    }

    /** Its shim, if there is one that can be reached. */
    Optional<Shim> shim() {
        return Optional.ofNullable(shim).filter(Shim::connected);
    }

    /**
     * Its shim.
     *
     * @throws Unavailable if it has none
     */
    Shim liveShim() {
        return shim().orElseThrow(() -> new Unavailable("reach pod " + id, "its shim is gone"));
    }

    /** Commands that were executed by its shim, ready for the next time. */
    ReadyExecs execs() {
        return execs;
    }

    void connected(Shim made) {
        shim = made;
    }

    /** What the network was found to be when it was checked last; empty if it never was. */
    String network() {
        return network;
    }

    /** Somebody has checked its network. */
    void networkFound(String what) {
        network = what;
    }

    /** It is forgotten: nothing is written of it any more. */
    void end() {
        change(_ -> gone = true);
    }

    /** Nobody finds it any more. */
    void announceDeletion() {
        announcements.announce(view.pod().listed() ? List.of(Kind.DELETED) : List.of(), id.value(), view);
    }

    /** Only with the lock. */
    private final class OwnDesk implements Desk {
        @Override
        public PodRecord pod() {
            return view.pod();
        }

        @Override
        public boolean gone() {
            return gone;
        }

        @Override
        public List<ContainerRecord> containers() {
            return view.containers();
        }

        @Override
        public Optional<ContainerRecord> container(ContainerId container) {
            return view.container(container);
        }

        @Override
        public void save(PodRecord record) {
            PodRecord before = view.pod();
            if (!record.equals(before) && !gone) {
                records.save(record);
                view = view.with(record);
                announcements.announce(Changes.of(before, record), id.value(), view);
            }
        }

        @Override
        public void save(ContainerRecord record) {
            ContainerRecord before = view.container(record.id()).orElse(null);
            if (!record.equals(before) && !gone) {
                records.save(record);
                view = view.with(record);
                announcements.announce(Changes.of(before, record), record.id().value(), view);
            }
        }

        @Override
        public void drop(ContainerId container) {
            boolean known =
                    view.container(container).map(ContainerRecord::listed).orElse(false);
            view = view.without(container);
            announcements.announce(known ? List.of(Kind.DELETED) : List.of(), container.value(), view);
        }

        @Override
        public Optional<Work> work(Task task) {
            return Optional.ofNullable(works.get(task));
        }

        @Override
        public Work begin(Task task) {
            return begin(new Work(task, false));
        }

        @Override
        public Work inherit(Task task) {
            return begin(new Work(task, true));
        }

        private Work begin(Work work) {
            if (works.putIfAbsent(work.task(), work) != null) {
                throw new IllegalStateException("somebody is at it already: " + work.task());
            }
            return work;
        }
    }
}
