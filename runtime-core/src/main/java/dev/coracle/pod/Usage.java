package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.stats.GroupReader;

/** What containers use. Free of state but for the samples of earlier calls; any thread. */
final class Usage {
    private final Plans plans;
    private final GroupReader reader;
    private final LayerUsage layers;

    Usage(Site site) {
        this.plans = site.plans();
        this.reader = new GroupReader(java.time.Clock.systemUTC());
        this.layers = new LayerUsage(site.node().paths(), site.node().clock());
    }

    /** Of one that runs. */
    ContainerUsage of(Pod pod, ContainerId id) {
        ContainerRecord container = pod.locked(desk -> desk.knownContainer(id));
        if (!runs(container)) {
            throw new WrongState(
                    "measure container " + container.spec().metadata().name(),
                    "it is " + States.word(container.state()) + ", not running");
        }
        return new ContainerUsage(
                container,
                reader.read(
                        id.value(), CgroupFiles.figures(plans.group(pod.view().pod(), container))),
                layers.of(id));
    }

    static boolean runs(ContainerRecord container) {
        return container.state() instanceof ContainerState.Running
                || container.state() instanceof ContainerState.Stopping;
    }

    void forget(ContainerId id) {
        reader.forget(id.value());
        layers.forget(id);
    }
}
