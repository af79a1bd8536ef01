package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.shim.Running;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.Answer;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodCall;
import dev.coracle.state.PodLifecycle;
import dev.coracle.state.PodRecord;
import dev.coracle.state.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * StartContainer: everything up to execve in one plan. It runs to its end whether or not its client waits. When it fails the container has
 * exited, with reason StartError.
 */
final class StartContainer {
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private final Clock clock;
    private final Plans plans;
    private final Undoing undoing;
    private final Memory memory;
    private final Clamping clamping;

    StartContainer(Site site) {
        this.clock = site.node().clock();
        this.plans = site.plans();
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.clamping = new Clamping(site.node().host());
    }

    void start(Pod pod, ContainerId id) {
        switch (pod.locked(desk -> turn(desk, id))) {
            case Turn.Mine(var work) -> pod.carryOut(work, () -> startOrFail(pod, work, id));
            case Turn.Theirs(var work) -> pod.join(work, Cancellation.NEVER);
            case Turn.Nothing _, Turn.First _, Turn.Doomed _ ->
                throw new IllegalStateException("a start is done, joined or refused");
        }
    }

    private static Turn turn(Desk desk, ContainerId id) {
        ContainerRecord container = desk.knownContainer(id);
        PodRecord pod = desk.pod();
        if (PodLifecycle.answer(pod.state(), pod.doomed(), PodCall.START_CONTAINER) != Answer.DO) {
            throw new WrongState(title(container), "sandbox " + pod.id() + " is not ready");
        }
        return switch (ContainerLifecycle.answer(container.state(), ContainerCall.START)) {
            case DO -> {
                desk.on(id, new ContainerEvent.StartAsked());
                yield new Turn.Mine(desk.begin(Task.start(id)));
            }
            case JOIN -> new Turn.Theirs(desk.knownWork(Task.start(id)));
            case REFUSE, SHORTEN, DOOM ->
                throw new WrongState(title(container), "it is " + States.word(container.state()) + ", not created");
        };
    }

    private void startOrFail(Pod pod, Work work, ContainerId id) {
        try {
            Shim shim = pod.liveShim();
            View view = pod.view();
            ContainerRecord container = view.container(id).orElseThrow();
            makeLogDirectory(view.pod(), container);
            clamping.notice(container);
            plans.loadProfile(container, plan -> work.execute(shim, plan, PATIENCE));
            work.execute(shim, plans.start(view.pod(), container, prepared(container)), PATIENCE);
            long at = shim.running(id.value())
                    .map(Running::started)
                    .map(Clock::nanos)
                    .orElseGet(clock::realtime);
            pod.change(desk -> desk.on(id, new ContainerEvent.Started(at)));
            memory.note(pod);
        } catch (RuntimeException e) {
            undoing.leftovers(pod, id);
            Outcome outcome = Outcome.startError(clock.realtime(), String.valueOf(e.getMessage()));
            pod.change(desk -> desk.on(id, new ContainerEvent.StartFailed(outcome)));
            memory.note(pod);
            throw e;
        }
    }

    private static Prepared prepared(ContainerRecord container) {
        if (container.state() instanceof ContainerState.Starting(var prepared)) {
            return prepared;
        }
        throw new IllegalStateException("only its own start moves a container on: " + container.state());
    }

    private static void makeLogDirectory(PodRecord pod, ContainerRecord container) {
        Plans.logPath(pod, container).map(Path::getParent).ifPresent(directory -> {
            try {
                if (!Files.isDirectory(directory)) { // kubelets have made it
                    Files.createDirectories(directory);
                }
            } catch (IOException e) {
                throw new Exhausted("make " + directory, String.valueOf(e.getMessage()), e);
            }
        });
    }

    private static String title(ContainerRecord container) {
        return "start container " + container.spec().metadata().name();
    }
}
