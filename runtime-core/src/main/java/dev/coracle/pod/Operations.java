package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.shim.Exit;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodState;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One object for each thing that can be done with pods, and who is called when a shim has news. Immutable. */
final class Operations implements Connections.Hearer {
    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    private final Site site;
    private final RunPod runPod;
    private final StopPod stopPod;
    private final RemovePod removePod;
    private final CreateContainer createContainer;
    private final StartContainer startContainer;
    private final StopContainer stopContainer;
    private final RemoveContainer removeContainer;
    private final Exits exits;
    private final Adoption adoption;

    Operations(Site site) {
        this.site = site;
        this.stopContainer = new StopContainer(site);
        this.removeContainer = new RemoveContainer(site, stopContainer);
        this.createContainer = new CreateContainer(site, removeContainer);
        this.startContainer = new StartContainer(site);
        this.stopPod = new StopPod(site, stopContainer);
        this.removePod = new RemovePod(site, stopPod, removeContainer);
        this.runPod = new RunPod(site);
        this.exits = new Exits(site, stopPod);
        this.adoption = new Adoption(site, exits);
    }

    RunPod runPod() {
        return runPod;
    }

    StopPod stopPod() {
        return stopPod;
    }

    RemovePod removePod() {
        return removePod;
    }

    CreateContainer createContainer() {
        return createContainer;
    }

    StartContainer startContainer() {
        return startContainer;
    }

    StopContainer stopContainer() {
        return stopContainer;
    }

    RemoveContainer removeContainer() {
        return removeContainer;
    }

    Adoption adoption() {
        return adoption;
    }

    @Override
    public void exited(Pod pod, Exit exit) {
        exits.apply(pod, exit);
    }

    /** Somebody has to find out whether it is dead, unless nothing depends on it. */
    @Override
    public void lost(Pod pod) {
        View view = pod.view();
        if (view.pod().ready() || view.containers().stream().anyMatch(Exits::isLive)) {
            LOG.warn("the connection to the shim of pod {} ended", pod.id());
            site.undoing().shim(pod);
        }
    }

    @Override
    public void orphaned(Pod pod) {
        LOG.error("the shim of pod {} died, and what it held is lost: the pod is stopped", pod.id());
        adoption.settleDead(pod);
        stopIfReady(pod);
    }

    private void stopIfReady(Pod pod) {
        if (pod.view().pod().ready()) {
            stopPod.stop(pod, Cancellation.NEVER);
        }
    }

    /**
     * Goes on with everything that an earlier daemon was at; what takes long has threads of its own.
     *
     * @param alive whether the shim lived
     */
    void goOn(Pod pod, boolean alive) {
        for (ContainerRecord container : pod.view().containers()) {
            goOn(pod, container.id());
        }
        inherited(pod, Task.run()).ifPresent(work -> pod.carryOutAside(work, () -> runPod.takeBack(pod)));
        inherited(pod, Task.stop()).ifPresent(work -> pod.carryOutAside(work, () -> stopPod.takeDown(pod)));
        inherited(pod, Task.remove()).ifPresent(work -> pod.carryOutAside(work, () -> removePod.takeAway(pod)));
        if (!alive && pod.view().pod().state() instanceof PodState.Ready) {
            Thread.ofVirtual().name("stop pod " + pod.id()).start(() -> stopUnattended(pod));
        }
    }

    private void goOn(Pod pod, ContainerId id) {
        inherited(pod, Task.stop(id))
                .ifPresent(work -> pod.carryOutAside(work, () -> stopContainer.waitAndKill(pod, id)));
        inherited(pod, Task.remove(id))
                .ifPresent(work -> pod.carryOutAside(work, () -> removeContainer.takeAway(pod, id)));
    }

    private static Optional<Work> inherited(Pod pod, Task task) {
        return pod.locked(desk -> desk.work(task)).filter(Work::inherited);
    }

    private void stopUnattended(Pod pod) {
        try {
            stopIfReady(pod);
        } catch (RuntimeFailure e) {
            LOG.warn("stop pod {}: {}", pod.id(), e.getMessage());
        }
    }
}
