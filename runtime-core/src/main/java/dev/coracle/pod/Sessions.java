package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.shim.Session;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.Answer;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import dev.coracle.state.Prepared;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Opens the streams of processes in containers. Free of state but for a counter; any thread. */
final class Sessions {
    /** For the plan up to execve, whatever the command then does. */
    private static final Duration PLAN_PATIENCE = Duration.ofSeconds(30);

    /** That a container has ended is heard a moment after the kernel has refused something for it. */
    private static final Duration NEWS_PATIENCE = Duration.ofSeconds(1);

    private final Plans plans;
    private final AtomicLong number = new AtomicLong();

    Sessions(Site site) {
        this.plans = site.plans();
    }

    /**
     * A container that commands can be run in.
     *
     * @throws WrongState if it does not run, or is being killed
     */
    static ContainerRecord running(Pod pod, ContainerId id, String action) {
        ContainerRecord container = pod.locked(desk -> desk.knownContainer(id));
        if (!takesCommands(container)) {
            throw new WrongState(
                    action + " container " + container.spec().metadata().name(),
                    "it is " + States.word(container.state()) + ", not running");
        }
        return container;
    }

    private static boolean runsIn(Desk desk, ContainerId id) {
        return desk.container(id).filter(Sessions::takesCommands).isPresent();
    }

    private static boolean takesCommands(ContainerRecord container) {
        return ContainerLifecycle.answer(container.state(), ContainerCall.EXEC) == Answer.DO;
    }

    /** Runs a command. */
    ExecSession exec(Pod pod, StreamSpec.Exec command) {
        ContainerRecord container = running(pod, command.container(), "exec in");
        Shim shim = pod.liveShim();
        ReadyExec exec = pod.execs().take(container, command).orElseGet(() -> write(shim, pod, container, command));
        try {
            return new ExecSession(
                    shim.exec(exec.plan(), PLAN_PATIENCE),
                    "exec in container " + container.spec().metadata().name(),
                    () -> hasEnded(pod, container.id()),
                    whole -> ended(pod, shim, exec, whole));
        } catch (RuntimeFailure e) {
            shim.forget(exec.plan());
            throw e;
        }
    }

    /** The id is the shim's only: it has to be free in the pod whenever the plan is executed. */
    private ReadyExec write(Shim shim, Pod pod, ContainerRecord container, StreamSpec.Exec command) {
        String id = "exec-" + Ids.container().value().substring(0, 16) + "-" + number.incrementAndGet();
        PodRecord record = pod.view().pod();
        return new ReadyExec(
                container,
                command,
                shim.write(() -> plans.exec(record, container, prepared(container), new Plans.Command(id, command))));
    }

    /** A command that was broken off may still run. */
    private static void ended(Pod pod, Shim shim, ReadyExec exec, boolean whole) {
        Optional<ReadyExec> unwanted = whole ? pod.execs().put(exec) : Optional.of(exec);
        unwanted.ifPresent(old -> shim.forget(old.plan()));
    }

    private static boolean hasEnded(Pod pod, ContainerId id) {
        return pod.await(desk -> !runsIn(desk, id), NEWS_PATIENCE.toNanos(), Cancellation.NEVER);
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

    /** Attaches to the main process. */
    static Attached attach(Pod pod, ContainerId id) {
        ContainerRecord container = running(pod, id, "attach to");
        Session session = pod.liveShim().attach(id.value());
        return new Attached(
                session, container.spec().stdinOnce(), container.spec().tty());
    }
}
