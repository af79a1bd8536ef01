package dev.coracle.e2e.bench;

import dev.coracle.e2e.CriClient;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One unary call, timed where its bytes come and go: on the thread of the client's connection. What this JVM takes to hand a call from one
 * thread to another, and the answer back, is nobody's time; a kubelet, whose goroutines wait on one thread, does not pay it either.
 *
 * @param nanos from the request, a message, to the answer, a message
 */
record TimedCall<A>(A answer, long nanos) {
    /** Longer than any call of a runtime that works. */
    private static final int MINUTES = 5;

    private static final Executor THERE = Runnable::run;

    /** Makes the call and waits for its end. Throws what gRPC throws, as the cause of a CompletionException. */
    static <Q, A> TimedCall<A> of(CriClient client, MethodDescriptor<Q, A> method, Q request) {
        CompletableFuture<TimedCall<A>> done = new CompletableFuture<>();
        client.thread().execute(() -> {
            long begin = System.nanoTime();
            ClientCalls.asyncUnaryCall(
                    client.channel().newCall(method, CallOptions.DEFAULT.withExecutor(THERE)),
                    request,
                    new Answer<>(begin, done));
        });
        return done.orTimeout(MINUTES, TimeUnit.MINUTES).join();
    }

    private static final class Answer<A> implements StreamObserver<A> {
        private final long begin;
        private final CompletableFuture<TimedCall<A>> done;

        Answer(long begin, CompletableFuture<TimedCall<A>> done) {
            this.begin = begin;
            this.done = done;
        }

        @Override
        public void onNext(A answer) {
            done.complete(new TimedCall<>(answer, System.nanoTime() - begin));
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            done.completeExceptionally(new IllegalStateException("the call ended without an answer"));
        }
    }
}
