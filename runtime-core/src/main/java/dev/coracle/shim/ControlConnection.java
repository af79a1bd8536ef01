package dev.coracle.shim;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pod's control connection, and what was asked on it and is not answered. Frames come on the thread of {@link ControlLoop}, to
 * which what is marked so belongs; all else is for any thread, through concurrent maps and the lock {@code writing}.
 */
final class ControlConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);
    private static final int VERSION = 1;
    private static final int FLAG_DURABLE = 1;
    private static final int FLAG_RESULT = 1;
    private static final long NANOS = 1_000_000_000L;
    private static final Duration ANSWER_TIME = Duration.ofSeconds(10);

    private final PodId pod;
    private final SocketChannel channel;
    private final ControlLoop loop;
    private final ShimEvents events;

    private final Map<Long, CompletableFuture<PlanEnd>> plans = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Integer>> requests = new ConcurrentHashMap<>();
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final AtomicLong lastRequest = new AtomicLong();
    private final CompletableFuture<Held> synced = new CompletableFuture<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean quitting;

    private final ReentrantLock writing = new ReentrantLock();
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();

    // of the loop's thread
    private final List<Long> plansHeld = new ArrayList<>();
    private final List<Exit> exitsHeld = new ArrayList<>();
    private byte[] partial = {};
    private long pid;

    /** {@code channel} in non-blocking mode. */
    ControlConnection(PodId pod, SocketChannel channel, ControlLoop loop, ShimEvents events) {
        this.pod = pod;
        this.channel = channel;
        this.loop = loop;
        this.events = events;
    }

    SocketChannel channel() {
        return channel;
    }

    // for any thread

    /** Greets the shim and waits until it has told all it holds. */
    Held greet() {
        send(Frame.of(FrameType.HELLO, 0, VERSION));
        loop.add(this);
        return await(synced, "connect to the shim of " + pod, ANSWER_TIME);
    }

    /** The end of a plan that is sent now. */
    CompletableFuture<PlanEnd> execute(long number, Duration deadline, boolean durable) {
        CompletableFuture<PlanEnd> end = new CompletableFuture<>();
        plans.put(number, end);
        ByteBuffer frame = Frame.begin(FrameType.EXECUTE, durable ? FLAG_DURABLE : 0, number, Integer.BYTES)
                .putInt(Math.toIntExact(Math.min(deadline.toMillis(), Integer.MAX_VALUE)));
        send(Frame.end(frame));
        return end;
    }

    /** The end of a plan that ran when this daemon connected. */
    Optional<CompletableFuture<PlanEnd>> held(long number) {
        return Optional.ofNullable(plans.get(number));
    }

    /** Nobody waits for that plan any more. */
    void forget(long number) {
        plans.remove(number);
    }

    Optional<Running> running(String id) {
        return Optional.ofNullable(running.get(id));
    }

    /** Sends a request and waits for its answer, an errno or 0. The frame's id is filled in here. */
    int ask(String action, ByteBuffer frame) {
        long number = lastRequest.incrementAndGet();
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        requests.put(number, answer);
        try {
            send(Frame.numbered(frame, number));
            return await(answer, action, ANSWER_TIME);
        } finally {
            requests.remove(number);
        }
    }

    /** Ends the shim, and with it this connection. */
    void quit() {
        quitting = true;
        String action = "end the shim of " + pod;
        try {
            int errno = ask(action, Frame.of(FrameType.QUIT, 0));
            quitting = false;
            throw new RuntimeFailure.WrongState(action, Errno.name(errno) + ", a plan or a process of it runs");
        } catch (RuntimeFailure.Unavailable e) {
            // instead of an answer: it is gone
            close();
        }
    }

    /** Sends a frame now or as soon as the socket takes it. */
    void send(ByteBuffer frame) {
        writing.lock();
        try {
            if (over.get()) {
                throw lost("reach the shim of " + pod);
            }
            if (unsent.isEmpty()) {
                channel.write(frame);
            }
            if (frame.hasRemaining()) {
                unsent.add(frame);
                loop.awaitRoom(this);
            }
        } catch (IOException e) {
            loop.later(() -> ended(e));
            throw new RuntimeFailure.Unavailable("reach the shim of " + pod, String.valueOf(e.getMessage()), e);
        } finally {
            writing.unlock();
        }
    }

    /** Waits for something the shim will tell. */
    <T> T await(CompletableFuture<T> told, String action, Duration time) {
        try {
            return told.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw lost(action);
        } catch (TimeoutException e) {
            throw new RuntimeFailure.TimedOut(action, "the shim does not answer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuntimeFailure.Cancelled(action);
        }
    }

    private static RuntimeFailure lost(String action) {
        return new RuntimeFailure.Unavailable(action, "the pod's shim is gone");
    }

    boolean isOver() {
        return over.get();
    }

    /** Ends it without anybody being told that the shim is lost. */
    void close() {
        if (over.compareAndSet(false, true)) {
            release();
        }
    }

    // for the loop's thread

    /** The connection ended by itself. */
    void ended(Exception why) {
        if (over.compareAndSet(false, true)) {
            release();
            if (!quitting) {
                tell(() -> events.lost(pod));
            }
        }
    }

    /** What its listeners do wrong must not end a connection. */
    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException e) {
            LOG.error("take news of pod {}", pod, e);
        }
    }

    private void release() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was left to be written
        }
        IOException gone = new IOException("the pod's shim is gone");
        synced.completeExceptionally(gone);
        plans.values().forEach(plan -> plan.completeExceptionally(gone));
        requests.values().forEach(request -> request.completeExceptionally(gone));
    }

    /** Writes what did not fit; true when nothing is left. */
    boolean flush() throws IOException {
        writing.lock();
        try {
            for (ByteBuffer frame = unsent.peek(); frame != null; frame = unsent.peek()) {
                channel.write(frame);
                if (frame.hasRemaining()) {
                    return false;
                }
                unsent.remove();
            }
            return true;
        } finally {
            writing.unlock();
        }
    }

    /** Puts the beginning of a frame, which came before, in front of what is about to be read. */
    void restore(ByteBuffer received) {
        received.put(partial);
    }

    /** Keeps the beginning of a frame until its rest comes. */
    void keep(ByteBuffer received) {
        partial = new byte[received.remaining()];
        received.get(partial);
    }

    void on(Frame frame) throws ProtocolException {
        switch (frame.type()) {
            case FrameType.HELLO_UP -> onHello(frame);
            case FrameType.RUNNING -> onRunning(frame);
            case FrameType.PLAN -> {
                plansHeld.add(frame.id());
                plans.putIfAbsent(frame.id(), new CompletableFuture<>());
            }
            case FrameType.EXITED -> onExited(frame);
            case FrameType.SYNCED ->
                synced.complete(new Held(pid, List.copyOf(running.values()), plansHeld, exitsHeld));
            case FrameType.DONE -> planEnded(frame.id(), new PlanEnd.Done((frame.flags() & FLAG_RESULT) != 0));
            case FrameType.FAILED -> planEnded(frame.id(), failed(frame));
            case FrameType.STUCK -> onStuck(frame);
            case FrameType.ANSWER -> onAnswer(frame);
            default -> throw new ProtocolException("a frame of type " + frame.type());
        }
    }

    private void onHello(Frame frame) throws ProtocolException {
        int version = frame.payload().getInt();
        if (version != VERSION) {
            throw new ProtocolException("version " + version);
        }
        pid = frame.payload().getInt();
    }

    private void onRunning(Frame frame) {
        long main = frame.payload().getInt();
        Instant started = instant(frame.payload().getLong());
        String id = frame.text();
        running.put(id, new Running(id, main, started));
    }

    private void onExited(Frame frame) {
        ByteBuffer payload = frame.payload();
        int status = payload.getInt();
        Instant started = instant(payload.getLong());
        Instant at = instant(payload.getLong());
        boolean oom = payload.getInt() != 0;
        long bytesLost = payload.getLong();
        Exit exit = new Exit(frame.text(), status, started, at, oom, bytesLost);
        running.remove(exit.id());
        if (synced.isDone()) {
            tell(() -> events.exited(pod, exit));
        } else {
            exitsHeld.add(exit);
        }
    }

    static PlanEnd.Failed failed(Frame frame) {
        int op = frame.payload().getInt();
        int errno = frame.payload().getInt();
        return new PlanEnd.Failed(op, errno, frame.text());
    }

    private void onStuck(Frame frame) {
        long stuckPid = frame.payload().getInt();
        Stuck stuck = new Stuck(frame.id(), stuckPid, frame.text());
        planEnded(frame.id(), new PlanEnd.Hung(stuck));
        tell(() -> events.stuck(pod, stuck));
    }

    private void planEnded(long number, PlanEnd end) {
        CompletableFuture<PlanEnd> plan = plans.get(number);
        if (plan != null) {
            plan.complete(end);
        }
    }

    private void onAnswer(Frame frame) {
        CompletableFuture<Integer> request = requests.get(frame.id());
        if (request != null) {
            request.complete(frame.payload().getInt());
        }
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
    }
}
