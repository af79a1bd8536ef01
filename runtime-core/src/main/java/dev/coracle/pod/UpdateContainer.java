package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
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

/** UpdateContainerResources: all of the new limits, or all of the old ones. */
final class UpdateContainer {
    private static final Logger LOG = LoggerFactory.getLogger(UpdateContainer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Plans plans;

    UpdateContainer(Site site) {
        this.plans = site.plans();
    }

    void update(Pod pod, ContainerId id, Resources change) {
        ContainerRecord container = pod.locked(desk -> desk.knownContainer(id));
        Answer answer = ContainerLifecycle.answer(container.state(), ContainerCall.UPDATE);
        if (answer == Answer.REFUSE) {
            throw new WrongState(title(container), "it is " + States.word(container.state()));
        }
        if (answer == Answer.JOIN) {
            return; // it uses nothing any more
        }
        Plan read = plans.readLimits(pod.view().pod(), container, change);
        if (!(container.state() instanceof ContainerState.Created)) {
            change(pod, container, change, read);
        }
        pod.change(desk -> desk.container(id)
                .ifPresent(now -> desk.save(now.with(now.resources().updatedBy(change)))));
    }

    private void change(Pod pod, ContainerRecord container, Resources change, Plan read) {
        PodRecord record = pod.view().pod();
        Shim shim = pod.liveShim();
        Answers before = shim.execute(read, PATIENCE);
        try {
            Plan plan = plans.changeLimits(record, container, change, before);
            if (!plan.steps().isEmpty()) {
                shim.execute(plan, PATIENCE);
            }
        } catch (KernelFailure e) {
            restore(shim, plans.restoreLimits(record, container, change, before), e);
            throw e;
        }
    }

    private static void restore(Shim shim, Plan plan, KernelFailure cause) {
        try {
            shim.execute(plan, PATIENCE);
        } catch (RuntimeFailure e) {
            cause.addSuppressed(e);
            LOG.warn("{}", e.getMessage());
        }
    }

    private static String title(ContainerRecord container) {
        return "update container " + container.spec().metadata().name();
    }
}
