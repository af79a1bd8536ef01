package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.TimedOut;
import dev.coracle.shim.Session;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.StreamSpec;
import java.time.Duration;
import java.util.List;

/**
 * ExecSync: one command, its output and its exit code. It ends with its timeout and with its client. Free of state but for deadlines; each
 * call on the thread of its own.
 */
final class ExecSync {
    private static final StreamSpec.Streams OUTPUT = new StreamSpec.Streams(false, true, true, false);

    /** For room for large output: others need a second each, unless their clients do not read. */
    private static final Duration ROOM_PATIENCE = Duration.ofSeconds(60);

    private final Sessions sessions;
    private final Deadlines deadlines = new Deadlines();

    ExecSync(Sessions sessions) {
        this.sessions = sessions;
    }

    /** What a caller wants; zero or less is no timeout. */
    record Request(List<String> command, Duration timeout) {}

    ExecResult run(Pod pod, ContainerId id, Request request, Cancellation cancellation) {
        if (request.command().isEmpty()) {
            throw new InvalidSpec("cmd", "is empty");
        }
        try (ExecSession session = sessions.exec(pod, new StreamSpec.Exec(id, request.command(), OUTPUT))) {
            return new Watched(session).run(request.timeout(), deadlines, cancellation);
        }
    }

    /** One command while it runs: its caller's thread reads, others may end it. */
    private static final class Watched {
        private final ExecSession session;
        private volatile boolean timedOut;
        private volatile boolean cancelled;

        Watched(ExecSession session) {
            this.session = session;
        }

        ExecResult run(Duration timeout, Deadlines deadlines, Cancellation cancellation) {
            ExecOutput output = new ExecOutput(() -> timedOut || cancelled, ROOM_PATIENCE);
            boolean whole = false;
            try (Cancellation.Registration _ = cancellation.onCancel(this::cancel);
                    Cancellation.Registration _ =
                            timeout.isPositive() ? deadlines.after(timeout, this::expire) : () -> {}) {
                collect(output);
                failIfEnded(timeout);
                whole = true;
                return output.result(session.exitCode());
            } catch (InterruptedException e) {
                failIfEnded(timeout);
                throw new Cancelled(session.title());
            } finally {
                if (!whole) {
                    output.release();
                }
            }
        }

        private void collect(ExecOutput output) throws InterruptedException {
            for (Session.Output piece = session.read(); piece != null; piece = session.read()) {
                output.add(piece);
            }
        }

        private void failIfEnded(Duration timeout) {
            if (timedOut) {
                throw new TimedOut(session.title(), "not done after " + timeout.toMillis() + " ms; it was killed");
            }
            if (cancelled) {
                throw new Cancelled(session.title());
            }
        }

        private void expire() {
            timedOut = true;
            session.kill();
        }

        /** Any thread, which must not wait. */
        private void cancel() {
            cancelled = true;
            Thread.ofVirtual().name("end exec").start(session::kill);
        }
    }
}
