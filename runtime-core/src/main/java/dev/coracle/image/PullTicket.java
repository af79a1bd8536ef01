package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;

/** A pull that was asked for. Others may wait for the same one. Safe for any thread. */
public final class PullTicket {
    private final String name;
    private final SharedWork<?, Image>.Ticket ticket;

    PullTicket(String name, SharedWork<?, Image>.Ticket ticket) {
        this.name = name;
        this.ticket = ticket;
    }

    /**
     * Waits until the image is there; a virtual thread parks meanwhile. An interrupt cancels.
     *
     * @throws RuntimeFailure if the image cannot be had, or the pull was cancelled
     */
    public Image await() {
        try {
            return ticket.result().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Cancelled("pull " + name);
        } catch (CancellationException e) {
            throw new Cancelled("pull " + name);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CancellationException) {
                throw new Cancelled("pull " + name);
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("pull " + name, e.getCause());
        } finally {
            ticket.leave();
        }
    }

    /** Gives up waiting. The pull stops, and leaves nothing, if nobody else waits for it. Does not block. */
    public void cancel() {
        ticket.leave();
    }
}
