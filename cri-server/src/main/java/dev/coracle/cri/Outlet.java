package dev.coracle.cri;

import dev.coracle.pod.Cancellation;

/** Where the responses of one call go. Used by the thread that answers, and by no other. */
public interface Outlet<A> {
    /** Lets the client know that it is being answered, before there is anything to say. */
    void open();

    /**
     * Hands a message over, and after the first waits until the client has read enough of those before: so no more than about
     * one message lies in memory for a client that does not read.
     *
     * @throws dev.coracle.failure.RuntimeFailure.Cancelled if it has gone away
     */
    void send(A message);

    /** The client going away. */
    Cancellation cancellation();
}
