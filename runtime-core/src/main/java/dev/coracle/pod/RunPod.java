package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Plan;
import dev.coracle.shim.Shim;
import dev.coracle.spec.PodId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.state.PodCall;
import dev.coracle.state.PodEvent;
import dev.coracle.state.PodLifecycle;
import dev.coracle.state.PodRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RunPodSandbox: intent, shim, namespaces, network, ready. It runs to its end whether or not its client waits; a repeat of the request
 * waits for the same end. When it fails, or was doomed, it undoes what it did before it says so.
 */
final class RunPod {
    private static final Logger LOG = LoggerFactory.getLogger(RunPod.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Node node;
    private final PodTable table;
    private final Plans plans;
    private final Networks networks;
    private final Undoing undoing;
    private final PodFiles files;
    private final Memory memory;
    private final Announcements announcements;

    RunPod(Site site) {
        this.node = site.node();
        this.table = site.table();
        this.plans = site.plans();
        this.networks = site.networks();
        this.undoing = site.undoing();
        this.memory = site.memory();
        this.announcements = site.announcements();
        this.files = new PodFiles(node.paths(), node.host().hostname());
    }

    PodId run(SandboxSpec spec) {
        while (true) {
            Optional<Pod> known = table.named(spec.metadata());
            Optional<PodId> id = known.isPresent() ? join(known.get(), spec) : make(spec);
            if (id.isPresent()) {
                return id.get();
            }
        }
    }

    /** Empty when that pod is gone, and the name is free. */
    private Optional<PodId> join(Pod pod, SandboxSpec spec) {
        Optional<Work> running = pod.locked(desk -> {
            if (desk.gone()) {
                return Optional.empty();
            }
            refuseOther(desk.pod(), spec);
            return desk.work(Task.run());
        });
        boolean doomed = pod.view().pod().doomed();
        if (doomed) {
            running.ifPresent(work -> pod.awaitEnd(work, Long.MAX_VALUE));
        } else {
            running.ifPresent(work -> pod.join(work, Cancellation.NEVER));
        }
        return pod.view().pod().ready() ? Optional.of(pod.id()) : Optional.empty();
    }

    private static void refuseOther(PodRecord pod, SandboxSpec spec) {
        Optional<String> difference = SpecDifference.between(pod.spec(), spec);
        if (difference.isPresent()) {
            throw new WrongState(
                    title(spec),
                    "sandbox " + pod.id() + " has the same name, namespace, uid and attempt, and another "
                            + difference.get());
        }
        switch (PodLifecycle.answer(pod.state(), pod.doomed(), PodCall.RUN)) {
            case JOIN -> LOG.debug("{} joins {}", title(spec), pod.id());
            case REFUSE, DO, SHORTEN, DOOM ->
                throw new WrongState(
                        title(spec),
                        "sandbox " + pod.id() + " of the same name, namespace, uid and attempt is not ready any more; "
                                + "remove it, or raise the attempt");
        }
    }

    /** Empty when somebody else took the name at the same time, or the new id happened to be like another pod's. */
    private Optional<PodId> make(SandboxSpec spec) {
        PodRecord record = PodRecord.intended(Ids.pod(), spec, memory.podCreated(spec.metadata()));
        Plan plan = plans.sandbox(record);
        Pod pod = new Pod(View.of(record, List.of()), node.records(), announcements);
        Work work = pod.locked(desk -> desk.begin(Task.run()));
        if (table.claim(pod) != pod) {
            return Optional.empty();
        }
        pod.carryOut(work, () -> makeOrUndo(pod, work, plan));
        return Optional.of(pod.id());
    }

    private void makeOrUndo(Pod pod, Work work, Plan plan) {
        try {
            node.records().begin(pod.view().pod());
            node.records().save(pod.view().pod());
            files.write(pod.view().pod());
            plans.labelFiles(pod.view().pod());
        } catch (RuntimeException e) {
            undo(pod, false, e);
            throw e;
        }
        boolean opened = false;
        try {
            Shim shim = node.shims().open(pod.id(), node.paths().pod(pod.id()));
            opened = true;
            pod.connected(shim);
            work.execute(shim, plan, PATIENCE);
            attach(pod, work, shim);
            advance(pod, new PodEvent.Made());
            memory.note(pod);
        } catch (RuntimeException e) {
            undo(pod, opened, e);
            throw e;
        }
    }

    private void attach(Pod pod, Work work, Shim shim) {
        if (Networks.isOwn(pod.view().pod())) {
            advance(pod, new PodEvent.AttachBegun());
            PodEvent done = new PodEvent.AttachDone(networks.attach(pod.view().pod(), work, shim));
            pod.change(desk -> desk.on(done));
        }
    }

    private static void advance(Pod pod, PodEvent event) {
        pod.change(desk -> {
            if (desk.pod().doomed()) {
                throw new WrongState(title(desk.pod().spec()), "it was stopped meanwhile");
            }
            desk.on(event);
        });
    }

    /** {@code opened}: whether there was a shim that may have done something. */
    private void undo(Pod pod, boolean opened, RuntimeException cause) {
        try {
            takeBack(pod, opened);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
            LOG.warn("undo {}: {}", title(pod.view().pod().spec()), e.getMessage());
        }
    }

    /** Undoes what an earlier daemon did of a pod that is still being made; the caller has begun it. */
    void takeBack(Pod pod) {
        takeBack(pod, true);
    }

    private void takeBack(Pod pod, boolean opened) {
        try {
            if (opened) {
                undoing.network(pod);
                undoing.kernel(pod);
            }
            undoing.forget(pod);
            memory.podGone(pod.view().pod());
        } catch (RuntimeException e) {
            pod.change(desk -> desk.on(new PodEvent.UndoFailed(String.valueOf(e.getMessage()))));
            memory.note(pod);
            throw e;
        }
    }

    private static String title(SandboxSpec spec) {
        PodMetadata names = spec.metadata();
        return "run pod " + names.namespace() + "/" + names.name();
    }
}
