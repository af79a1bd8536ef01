package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.pod.Cancellation;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One call of an RPC with one request and one response or many: the only place where a failure becomes a status, and where
 * calls are logged.
 *
 * <p>gRPC calls the listener's methods on the connection's event loop, one at a time; {@code request} belongs to that
 * thread until it is handed to the thread that answers. After that the call is used by the answering thread only, but for the
 * news that its client has read or gone, which pass the lock, and for the daemon's end, which closes the call under the lock
 * {@code using}: whoever comes later finds it over.
 */
final class RpcCall<Q, A> extends ServerCall.Listener<Q> implements Outlet<A> {
    private final Binding<Q, A> binding;
    private final ServerCall<Q, A> call;
    private final Executor threads;
    private final CallLog log;
    private final CallCancellation cancellation = new CallCancellation();
    private final OpenCalls calls;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private @Nullable EncodedAnswer held; // this and the next guarded by lock
    private boolean done;
    private final ReentrantLock using = new ReentrantLock();
    private @Nullable Q request;
    private boolean tooMany;
    private boolean begun;
    private boolean over; // guarded by using
    private volatile boolean ended;

    /** What calls have in common: the threads that answer those which may wait, where they are logged, and which there are. */
    record Surroundings(Executor threads, CallLog log, OpenCalls calls) {}

    RpcCall(Binding<Q, A> binding, ServerCall<Q, A> call, Surroundings surroundings) {
        this.binding = binding;
        this.call = call;
        this.threads = surroundings.threads();
        this.log = surroundings.log();
        this.calls = surroundings.calls();
        // One more than there should be, so that a second message is seen.
        call.request(2);
    }

    @Override
    public void onMessage(Q message) {
        tooMany = request != null;
        request = message;
    }

    @Override
    public void onHalfClose() {
        Q received = request;
        request = null;
        if (received == null || tooMany) {
            String what = tooMany ? "more than one message" : "no message";
            close(Status.INTERNAL.withDescription("read request: " + what));
            return;
        }
        switch (binding.runs()) {
            case DIRECT, REFUSED -> answer(received);
            case READING, CHANGING -> threads.execute(() -> answer(received));
        }
    }

    @Override
    public void onCancel() {
        done();
        cancellation.cancel();
        wake();
    }

    @Override
    public void onComplete() {
        done();
    }

    /** Whatever it waits for: the daemon ends, and its client shall know that rather than see the call break off. Any thread. */
    void end() {
        ended = true;
        close(StatusMapping.status(ending()));
        cancellation.cancel();
        wake();
    }

    private Unavailable ending() {
        return new Unavailable("answer " + binding.name(), "the daemon is ending; call again");
    }

    private void close(Status status) {
        use(() -> {
            over = true;
            call.close(status, new Metadata());
        });
    }

    /** Nothing, if the call is over. */
    private void use(Runnable action) {
        using.lock();
        try {
            if (!over) {
                action.run();
            }
        } finally {
            using.unlock();
        }
    }

    @Override
    public void onReady() {
        wake();
    }

    private void wake() {
        lock.lock();
        try {
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A bug must reach the client as a status and the log with its stack, whatever it throws. */
    private void answer(Q received) {
        CallLog.Call logged =
                new CallLog.Call(binding.name(), binding.subject().apply(received), binding.runs(), System.nanoTime());
        try {
            binding.answer().answer(received, this);
            open();
            log.succeeded(logged);
            close(Status.OK);
        } catch (RuntimeFailure failure) {
            RuntimeFailure told = ended ? ending() : failure;
            Status status = StatusMapping.status(told);
            log.failed(logged, status, told);
            close(status);
        } catch (Throwable bug) {
            String id = log.bug(logged, bug);
            close(StatusMapping.bug(binding.name(), id));
        }
    }

    @Override
    public Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public void open() {
        if (!begun) {
            begun = true;
            use(() -> call.sendHeaders(new Metadata()));
        }
    }

    @Override
    public void send(A message) {
        try {
            // The first never waits: a direct call must not, and has no second.
            if (begun) {
                awaitReader();
            }
            open();
            use(() -> call.sendMessage(message));
        } finally {
            if (message instanceof EncodedAnswer encoded) {
                closeWhenRead(encoded);
            }
        }
    }

    /** gRPC has copied the message, but lets go of its copy only as the client reads: room is not given twice. */
    private void closeWhenRead(EncodedAnswer answer) {
        lock.lock();
        try {
            if (answer.holds() && !done) {
                held = answer;
                return;
            }
        } finally {
            lock.unlock();
        }
        answer.close();
    }

    /** The client has all of the answer, or wants none of it. */
    private void done() {
        calls.remove(this);
        EncodedAnswer answer;
        lock.lock();
        try {
            done = true;
            answer = held;
            held = null;
        } finally {
            lock.unlock();
        }
        if (answer != null) {
            answer.close();
        }
    }

    private void awaitReader() {
        lock.lock();
        try {
            while (!call.isReady() && !cancellation.cancelled()) {
                news.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("answer " + binding.name(), "the daemon is ending", e);
        } finally {
            lock.unlock();
        }
        if (cancellation.cancelled()) {
            throw new Cancelled("answer " + binding.name());
        }
    }
}
