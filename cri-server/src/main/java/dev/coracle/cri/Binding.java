package dev.coracle.cri;

import dev.coracle.pod.Cancellation;
import io.grpc.MethodDescriptor;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A method of the contract and what answers it.
 *
 * @param method the contract's, possibly with a response marshaller of our own
 * @param subject what of the request goes into the log: an id or a name, never a secret
 * @param runs on which thread, and how loud its success is
 */
record Binding<Q, A>(MethodDescriptor<Q, A> method, Function<Q, String> subject, Answer<Q, A> answer, Runs runs) {
    /** One RPC: a request in, responses out, or a {@link dev.coracle.failure.RuntimeFailure}. */
    interface Answer<Q, A> {
        void answer(Q request, Outlet<A> outlet);

        /** With one response. */
        static <Q, A> Answer<Q, A> unary(BiFunction<Q, Cancellation, A> answer) {
            return (request, outlet) -> outlet.send(answer.apply(request, outlet.cancellation()));
        }
    }

    /** How a call runs. */
    enum Runs {
        /** Not at all: this version of Coracle refuses it. */
        REFUSED,
        /** On the event loop: needs no file, no lock and no other process. Its success is logged at level FINE. */
        DIRECT,
        /** On a virtual thread of its own, and changes nothing. Its success is logged at level FINE. */
        READING,
        /** On a virtual thread of its own, and changes something. Its success is logged at level INFO. */
        CHANGING
    }

    /** {@code RunPodSandbox}. */
    String name() {
        String name = method.getBareMethodName();
        if (name == null) {
            throw new IllegalStateException("method without a name: " + method.getFullMethodName());
        }
        return name;
    }
}
