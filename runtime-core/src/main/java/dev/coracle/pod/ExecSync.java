package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.TimedOut;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Plan;
import dev.coracle.shim.ExecSession;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.Answer;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Prepared;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * ExecSync: one command, its output and its exit code. It ends with its timeout and with its client. Free of state but for a counter; each
 * call on the thread of its own.
 */
final class ExecSync {
    /** For the plan up to execve, whatever the command then does. */
    private static final Duration PLAN_PATIENCE = Duration.ofSeconds(30);

    private final Plans plans;
    private final AtomicLong number = new AtomicLong();

    ExecSync(Site site) {
        this.plans = site.plans();
    }

    /** What a caller wants; zero or less is no timeout. */
    record Request(List<String> command, Duration timeout) {}

    ExecResult run(Pod pod, ContainerId id, Request request, Cancellation cancellation) {
        View view = pod.view();
        ContainerRecord container = pod.locked(desk -> desk.knownContainer(id));
        if (request.command().isEmpty()) {
            throw new InvalidSpec("cmd", "is empty");
        }
        if (ContainerLifecycle.answer(container.state(), ContainerCall.EXEC) != Answer.DO) {
            throw new WrongState(title(container), "it is " + States.word(container.state()) + ", not running");
        }
        String name = "exec-" + Ids.container().value().substring(0, 16) + "-" + number.incrementAndGet();
        Plan plan = plans.exec(view.pod(), container, prepared(container), name, request.command());
        try (ExecSession session = pod.liveShim().exec(plan, PLAN_PATIENCE)) {
            return new Watched(session, title(container)).run(request.timeout(), cancellation);
        }
    }

    private static Prepared prepared(ContainerRecord container) {
        return switch (container.state()) {
            case ContainerState.Running(var prepared, var _) -> prepared;
            case ContainerState.Stopping stopping -> stopping.prepared();
            case ContainerState.Creating _,
                    ContainerState.Created _,
                    ContainerState.Starting _,
                    ContainerState.Exited _,
                    ContainerState.Removing _ -> throw new IllegalStateException("not running: " + container.state());
        };
    }

    private static String title(ContainerRecord container) {
        return "exec in container " + container.spec().metadata().name();
    }

    /** One command while it runs: its caller's thread reads, others may end it. */
    private static final class Watched {
        private final ExecSession session;
        private final String title;
        private volatile boolean timedOut;
        private volatile boolean cancelled;

        Watched(ExecSession session, String title) {
            this.session = session;
            this.title = title;
        }

        ExecResult run(Duration timeout, Cancellation cancellation) {
            Thread timer = timeout.isPositive()
                    ? Thread.ofVirtual().name("exec timeout").start(() -> expire(timeout))
                    : null;
            ExecOutput output = new ExecOutput();
            boolean whole = false;
            try (Cancellation.Registration _ = cancellation.onCancel(this::cancel)) {
                collect(output);
                failIfEnded(timeout);
                whole = true;
                return output.result(session.exitCode());
            } catch (InterruptedException e) {
                failIfEnded(timeout);
                throw new Cancelled(title);
            } finally {
                stop(timer);
                if (!whole) {
                    output.release();
                }
            }
        }

        private void collect(ExecOutput output) throws InterruptedException {
            for (ExecSession.Output piece = session.read(); piece != null; piece = session.read()) {
                output.add(piece);
            }
        }

        private void failIfEnded(Duration timeout) {
            if (timedOut) {
                throw new TimedOut(title, "not done after " + timeout.toMillis() + " ms; it was killed");
            }
            if (cancelled) {
                throw new Cancelled(title);
            }
        }

        private void expire(Duration timeout) {
            try {
                TimeUnit.NANOSECONDS.sleep(timeout.toNanos());
                timedOut = true;
                session.kill();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // done in time
            }
        }

        /** Any thread, which must not wait. */
        private void cancel() {
            cancelled = true;
            Thread.ofVirtual().name("end exec").start(session::kill);
        }

        private static void stop(@Nullable Thread timer) {
            if (timer != null) {
                timer.interrupt();
            }
        }
    }
}
