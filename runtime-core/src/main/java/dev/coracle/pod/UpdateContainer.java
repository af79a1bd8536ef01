package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.Resources;
import dev.coracle.state.Answer;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UpdateContainerResources: all of the new limits, or all of the old ones, in the kernel and in the record alike. Changes of one container
 * come one after another.
 */
final class UpdateContainer {
    private static final Logger LOG = LoggerFactory.getLogger(UpdateContainer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Plans plans;

    UpdateContainer(Site site) {
        this.plans = site.plans();
    }

    void update(Pod pod, ContainerId id, Resources change) {
        while (true) {
            switch (pod.locked(desk -> turn(desk, id))) {
                case Turn.Nothing _ -> {
                    return;
                }
                case Turn.Mine(var work) -> {
                    pod.carryOut(work, () -> change(pod, id, change));
                    return;
                }
                case Turn.Theirs(var work) -> pod.awaitEnd(work, Long.MAX_VALUE); // another change, not ours
                case Turn.First _, Turn.Doomed _ ->
                    throw new IllegalStateException("an update needs nothing done first");
            }
        }
    }

    private static Turn turn(Desk desk, ContainerId id) {
        ContainerRecord container = desk.knownContainer(id);
        return switch (ContainerLifecycle.answer(container.state(), ContainerCall.UPDATE)) {
            case DO -> Turn.joinOrBegin(desk, Task.update(id));
            case JOIN -> Turn.NOTHING; // it uses nothing any more
            case REFUSE, SHORTEN, DOOM -> throw refusal(container);
        };
    }

    private void change(Pod pod, ContainerId id, Resources change) {
        ContainerRecord container = pod.locked(desk -> desk.knownContainer(id));
        Resources wanted = container.resources().updatedBy(change);
        Plan read = plans.readLimits(pod.view().pod(), container, wanted.partsOf(change));
        Runnable note = () -> pod.change(desk -> note(desk, container, wanted));
        if (container.state() instanceof ContainerState.Created) {
            note.run();
        } else {
            changeKernel(pod, container, wanted.partsOf(change), read, note);
        }
    }

    /** A container whose start has begun meanwhile starts with the limits that it had. */
    private static void note(Desk desk, ContainerRecord before, Resources wanted) {
        boolean created = before.state() instanceof ContainerState.Created;
        desk.container(before.id()).ifPresent(now -> {
            if (created && !(now.state() instanceof ContainerState.Created)) {
                throw refusal(now);
            }
            desk.save(now.with(wanted));
        });
    }

    private static WrongState refusal(ContainerRecord container) {
        return new WrongState(
                "update container " + container.spec().metadata().name(), "it is " + States.word(container.state()));
    }

    private void changeKernel(Pod pod, ContainerRecord container, Resources wanted, Plan read, Runnable note) {
        PodRecord record = pod.view().pod();
        try {
            Shim shim = pod.liveShim();
            Answers before = shim.execute(read, PATIENCE);
            Plan plan = plans.changeLimits(record, container, wanted, before);
            try {
                if (!plan.steps().isEmpty()) {
                    shim.execute(plan, PATIENCE);
                }
                note.run();
            } catch (RuntimeFailure e) {
                restore(shim, plans.restoreLimits(record, container, wanted, before), e);
                throw e;
            }
        } catch (RuntimeFailure e) {
            if (stillRuns(pod, container.id())) {
                throw e;
            }
            LOG.debug("container {} ended while it was updated", container.id(), e);
        }
    }

    /** One that is about to be seen as exited has lost its group already. */
    private static boolean stillRuns(Pod pod, ContainerId id) {
        return pod.view()
                .container(id)
                .map(container -> ContainerLifecycle.answer(container.state(), ContainerCall.UPDATE) == Answer.DO)
                .orElse(false);
    }

    private static void restore(Shim shim, Plan plan, RuntimeFailure cause) {
        try {
            shim.execute(plan, PATIENCE);
        } catch (RuntimeFailure e) {
            cause.addSuppressed(e);
            LOG.warn("{}", e.getMessage());
        }
    }
}
