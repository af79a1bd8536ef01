package dev.coracle.stream;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.pod.Attached;
import dev.coracle.pod.Pods;
import dev.coracle.shim.Session;
import dev.coracle.spec.StreamSpec;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exec and attach: joins a client's streams with a process's. Each on a virtual thread of its own, which sends what the process says,
 * beside a second one that takes what the client sends. Its only state are the sessions that are open.
 */
final class RemoteCommand {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteCommand.class);

    private static final String CLIENT_GONE = "the connection was closed";

    /** For what a client that went away has sent before it did. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final Pods pods;
    private final OpenSessions sessions = new OpenSessions();

    RemoteCommand(Pods pods) {
        this.pods = pods;
    }

    /** Runs a command until it ends. A client that goes away takes it along. */
    void exec(Console console, StreamSpec.Exec spec) {
        console.close(verdict("exec", () -> {
            try (Session session = sessions.add(pods.exec(spec))) {
                console.whenGone(() -> Thread.ofVirtual().start(session::close));
                feed(console, session, session::closeStdin);
                boolean whole = printed(session, () -> console.print(session));
                return whole ? Verdict.exited(session.exitCode()) : Verdict.failed(CLIENT_GONE);
            }
        }));
    }

    /** Attaches to a container until it ends, or until the client has sent all of an input that stays open for others. */
    void attach(Console console, StreamSpec.Attach spec) {
        console.close(verdict("attach", () -> {
            try (Attached attached = pods.attach(spec.container())) {
                Session session = sessions.add(attached.session());
                boolean once = spec.streams().stdin() && attached.stdinOnce();
                Detaching detaching = new Detaching(session);
                Thread feeder =
                        feed(console, session, once && !attached.terminal() ? session::closeStdin : detaching::detach);
                console.whenGone(() -> Thread.ofVirtual().start(() -> goes(session, feeder, once)));
                var _ = printed(session, () -> detaching.print(console));
                return Verdict.success();
            }
        }));
    }

    /** Ends all that are open: their clients are told that the daemon ends. */
    void end() {
        sessions.end();
    }

    private boolean printed(Session session, BooleanSupplier printing) {
        try {
            return printing.getAsBoolean();
        } finally {
            sessions.remove(session);
        }
    }

    /** The first client that goes ends an input which is there once; what it had sent comes before that. */
    private static void goes(Session session, Thread feeder, boolean once) {
        try {
            if (once && feeder.join(DRAIN)) {
                session.closeStdin();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            session.close();
        }
    }

    private static Thread feed(Console console, Session session, Runnable inputEnds) {
        return Thread.ofVirtual().name("stdin").start(() -> {
            try {
                console.feed(session, inputEnds);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private interface Conversation {
        Verdict hold();
    }

    private Verdict verdict(String what, Conversation conversation) {
        try {
            return conversation.hold();
        } catch (RuntimeFailure.Cancelled e) {
            return Verdict.failed(sessions.ended() ? "the daemon is ending" : CLIENT_GONE);
        } catch (RuntimeFailure e) {
            LOG.info("{}: {}", what, e.getMessage());
            return Verdict.failed(String.valueOf(e.getMessage()));
        }
    }

    /** An attach that its client ends in good order: closed by one thread, which the other one must not take for a failure. */
    private static final class Detaching {
        private final Session session;
        private volatile boolean wanted;

        Detaching(Session session) {
            this.session = session;
        }

        void detach() {
            wanted = true;
            session.close();
        }

        /** As {@link Console#print}; an end that was wanted counts as one of the process. */
        boolean print(Console console) {
            try {
                return console.print(session);
            } catch (RuntimeFailure.Cancelled e) {
                if (!wanted) {
                    throw e;
                }
                return true;
            }
        }
    }
}
