package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.state.Answer;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodCall;
import dev.coracle.state.PodLifecycle;
import dev.coracle.state.Prepared;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CreateContainer: layers, intent, root, user. It runs to its end whether or not its client waits; a repeat of the request waits for the
 * same end. When it fails it undoes what it did before it says so.
 */
final class CreateContainer {
    private static final Logger LOG = LoggerFactory.getLogger(CreateContainer.class);

    /** A volume's source may hang as long as its server does; the client gives up after 2 min. */
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private final Node node;
    private final PodTable table;
    private final Plans plans;
    private final Memory memory;
    private final RemoveContainer remove;

    CreateContainer(Site site, RemoveContainer remove) {
        this.node = site.node();
        this.table = site.table();
        this.plans = site.plans();
        this.memory = site.memory();
        this.remove = remove;
    }

    ContainerId create(Pod pod, ContainerSpec spec) {
        Optional<ContainerId> known = join(pod, spec);
        if (known.isPresent()) {
            return known.get();
        }
        requireTarget(pod, spec);
        ContainerEdits edits = node.devices().edits(spec);
        ContainerId id = Ids.container();
        Roots.Lease lease = node.roots().lease(id, spec.image().image(), spec.volumeImages());
        boolean kept = false;
        try {
            Optional<ContainerId> other = make(
                    pod,
                    ContainerRecord.intended(id, pod.id(), spec, lease.image(), created(pod, spec))
                            .with(edits),
                    lease);
            kept = other.isEmpty();
            return other.orElse(id);
        } finally {
            if (!kept) {
                node.roots().release(id);
            }
        }
    }

    /** The container of that name and attempt, once it is made; empty if there is none yet. */
    private Optional<ContainerId> join(Pod pod, ContainerSpec spec) {
        Optional<ContainerRecord> known = pod.locked(desk -> {
            refuseUnlessReady(desk, spec);
            return find(pod, spec);
        });
        if (known.isPresent()) {
            refuseOther(known.get(), spec);
            pod.locked(desk -> desk.work(Task.create(known.get().id())))
                    .ifPresent(work -> pod.join(work, Cancellation.NEVER));
        }
        return known.map(ContainerRecord::id);
    }

    private static void refuseUnlessReady(Desk desk, ContainerSpec spec) {
        if (PodLifecycle.answer(desk.pod().state(), desk.pod().doomed(), PodCall.CREATE_CONTAINER) != Answer.DO) {
            throw new WrongState(title(spec), "sandbox " + desk.pod().id() + " is not ready");
        }
    }

    /** Its processes can only be shared while it runs; the start, which finds it gone, fails. */
    private static void requireTarget(Pod pod, ContainerSpec spec) {
        NamespaceModes modes = spec.security().namespaces();
        if (modes.pid() == NamespaceMode.TARGET
                && pod.view().containers().stream().noneMatch(container -> isTarget(container, modes))) {
            throw new InvalidSpec(
                    "linux.security_context.namespace_options.target_id",
                    modes.target() + " is not a running container of this pod");
        }
    }

    private static boolean isTarget(ContainerRecord container, NamespaceModes modes) {
        return container.id().value().equals(modes.target()) && container.state() instanceof ContainerState.Running;
    }

    private static Optional<ContainerRecord> find(Pod pod, ContainerSpec spec) {
        return pod.view().containers().stream()
                .filter(container -> container.spec().metadata().equals(spec.metadata()))
                .findFirst();
    }

    private static void refuseOther(ContainerRecord known, ContainerSpec spec) {
        Optional<String> difference = SpecDifference.between(known.spec(), spec);
        if (difference.isPresent()) {
            throw new WrongState(
                    title(spec),
                    "container " + known.id() + " has the same name and attempt, and another " + difference.get());
        }
        if (ContainerLifecycle.answer(known.state(), ContainerCall.CREATE) == Answer.REFUSE) {
            throw new WrongState(
                    title(spec), "container " + known.id() + " of the same name and attempt is being removed");
        }
    }

    /** The other container, when somebody else has made one of that name in the meantime. */
    private Optional<ContainerId> make(Pod pod, ContainerRecord record, Roots.Lease lease) {
        ContainerSpec spec = record.spec();
        Plan plan = plans.create(pod.view().pod(), record, lease);
        Optional<Work> work = pod.locked(desk -> {
            refuseUnlessReady(desk, spec);
            if (find(pod, spec).isPresent()) {
                return Optional.empty();
            }
            node.records().begin(record);
            desk.save(record);
            return Optional.of(desk.begin(Task.create(record.id())));
        });
        if (work.isEmpty()) {
            return join(pod, spec);
        }
        table.add(record.id(), pod);
        pod.carryOut(work.get(), () -> makeOrUndo(pod, work.get(), record, plan));
        return Optional.empty();
    }

    private long created(Pod pod, ContainerSpec spec) {
        return memory.containerCreated(pod.view().pod(), spec.metadata().name());
    }

    private void makeOrUndo(Pod pod, Work work, ContainerRecord record, Plan plan) {
        try {
            node.layers().make(record.id(), pod.id());
            Answers answers = execute(pod, work, record, plan);
            Prepared prepared = plans.prepared(pod.view().pod(), record, answers);
            plans.relabel(pod.view().pod(), record, prepared);
            pod.change(desk -> {
                if (isDoomed(desk, record.id())) {
                    throw new WrongState(title(record.spec()), "it was removed meanwhile");
                }
                desk.on(record.id(), new ContainerEvent.Made(prepared));
            });
            memory.note(pod);
        } catch (RuntimeException e) {
            undo(pod, record.id(), e);
            throw e;
        }
    }

    private Answers execute(Pod pod, Work work, ContainerRecord record, Plan plan) {
        try {
            return work.execute(pod.liveShim(), plan, PATIENCE);
        } catch (KernelFailure e) {
            throw plans.failure(pod.view().pod(), record, plan, e);
        }
    }

    private static boolean isDoomed(Desk desk, ContainerId id) {
        return desk.container(id)
                .map(container -> container.state() instanceof ContainerState.Removing)
                .orElse(true);
    }

    private void undo(Pod pod, ContainerId id, RuntimeException cause) {
        try {
            pod.change(desk -> {
                if (!isDoomed(desk, id)) {
                    desk.on(id, new ContainerEvent.RemoveAsked());
                }
            });
            remove.takeAway(pod, id);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
            LOG.warn("undo the creation of container {}: {}", id, e.getMessage());
        }
    }

    private static String title(ContainerSpec spec) {
        return "create container " + spec.metadata().name();
    }
}
