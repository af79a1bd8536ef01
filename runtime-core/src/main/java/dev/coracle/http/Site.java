package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one server that are open and can be used. HTTP/1.1 is offered, with a connection for each request, as it costs half of
 * HTTP/2 and every registry speaks it (docs/decisions/0012-the-http-client.md). A server that refuses is offered HTTP/2, with one connection
 * for all. Safe for any thread.
 */
final class Site {
    static final long IDLE_SECONDS = 30;

    private final Origin origin;
    private final Dialer dialer;
    /** Who opens the one connection of HTTP/2; others wait for it. */
    private final Semaphore dialing = new Semaphore(1);

    private final Deque<PlainLink> idle = new ArrayDeque<>();
    private @Nullable SharedLink shared;
    private long sharedSince;
    private volatile boolean second;
    private @Nullable IOException failure;
    private long failedAt;

    Site(Origin origin, Dialer dialer) {
        this.origin = origin;
        this.dialer = dialer;
    }

    Origin origin() {
        return origin;
    }

    /** A connection that was used before, or is used by others as well: the server may be about to close it. */
    synchronized Optional<Link> kept() {
        SharedLink common = shared;
        if (common != null && common.isOpen()) {
            return Optional.of(common);
        }
        while (!idle.isEmpty()) {
            PlainLink link = idle.removeLast();
            if (link.isOpen()) {
                return Optional.of(link);
            }
        }
        return Optional.empty();
    }

    /** A new connection, or one that somebody else has opened meanwhile. */
    Link open(Deadline deadline) throws IOException, InterruptedException {
        long asked = System.nanoTime();
        if (!second) {
            try {
                return dialer.dial(this, ApplicationProtocolNames.HTTP_1_1, deadline);
            } catch (IOException e) {
                if (!Failures.isOtherProtocol(e)) {
                    throw e;
                }
                second = true;
            }
        }
        return openShared(asked, deadline);
    }

    private Link openShared(long asked, Deadline deadline) throws IOException, InterruptedException {
        if (!dialing.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
            throw deadline.late();
        }
        try {
            Optional<Link> made = madeSince(asked);
            return made.isPresent() ? made.get() : dialed(deadline);
        } finally {
            dialing.release();
        }
    }

    private synchronized Optional<Link> madeSince(long asked) throws IOException {
        if (failure != null && failedAt - asked > 0) {
            throw Failures.of(failure);
        }
        return shared != null && sharedSince - asked > 0 ? Optional.of(shared) : Optional.empty();
    }

    private Link dialed(Deadline deadline) throws IOException, InterruptedException {
        try {
            return dialer.dial(this, ApplicationProtocolNames.HTTP_2, deadline);
        } catch (IOException e) {
            noteFailure(e);
            throw e;
        }
    }

    private synchronized void noteFailure(IOException e) {
        failure = e;
        failedAt = System.nanoTime();
    }

    /** This one is free for the next request. */
    synchronized void keep(PlainLink link) {
        idle.addLast(link);
    }

    /** This one is for all requests from now on. */
    synchronized void share(SharedLink link) {
        shared = link;
        sharedSince = System.nanoTime();
    }

    synchronized void forget(Link link) {
        if (link.equals(shared)) {
            shared = null;
        }
        idle.removeIf(link::equals);
    }
}
