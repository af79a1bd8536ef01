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
 * news that its client has read or gone, which pass the lock.
 */
final class RpcCall<Q, A> extends ServerCall.Listener<Q> implements Outlet<A> {
    private final Binding<Q, A> binding;
    private final ServerCall<Q, A> call;
    private final Executor threads;
    private final CallLog log;
    private final CallCancellation cancellation = new CallCancellation();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private @Nullable Q request;
    private boolean tooMany;
    private boolean begun;

    RpcCall(Binding<Q, A> binding, ServerCall<Q, A> call, Executor threads, CallLog log) {
        this.binding = binding;
        this.call = call;
        this.threads = threads;
        this.log = log;
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
            call.close(Status.INTERNAL.withDescription("read request: " + what), new Metadata());
            return;
        }
        switch (binding.runs()) {
            case DIRECT, REFUSED -> answer(received);
            case READING, CHANGING -> threads.execute(() -> answer(received));
        }
    }

    @Override
    public void onCancel() {
        cancellation.cancel();
        wake();
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
            call.close(Status.OK, new Metadata());
        } catch (RuntimeFailure failure) {
            Status status = StatusMapping.status(failure);
            log.failed(logged, status, failure);
            call.close(status, new Metadata());
        } catch (Throwable bug) {
            String id = log.bug(logged, bug);
            call.close(StatusMapping.bug(binding.name(), id), new Metadata());
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
            call.sendHeaders(new Metadata());
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
            call.sendMessage(message);
        } finally {
            if (message instanceof EncodedAnswer encoded) {
                encoded.close();
            }
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
