package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** A pod and its containers at one instant, containers in order of creation. Immutable. */
final class View {
    private final Listed<PodRecord> pod;
    private final SequencedMap<ContainerId, Listed<ContainerRecord>> containers;

    private View(Listed<PodRecord> pod, SequencedMap<ContainerId, Listed<ContainerRecord>> containers) {
        this.pod = pod;
        this.containers = containers;
    }

    static View of(PodRecord pod, List<ContainerRecord> containers) {
        View view = new View(new Listed<>(pod), new LinkedHashMap<>());
        for (ContainerRecord container : containers) {
            view = view.with(container);
        }
        return view;
    }

    PodRecord pod() {
        return pod.record();
    }

    Listed<PodRecord> listedPod() {
        return pod;
    }

    Optional<ContainerRecord> container(ContainerId id) {
        return Optional.ofNullable(containers.get(id)).map(Listed::record);
    }

    List<ContainerRecord> containers() {
        return containers.values().stream().map(Listed::record).toList();
    }

    Collection<Listed<ContainerRecord>> listedContainers() {
        return containers.values();
    }

    View with(PodRecord changed) {
        return new View(new Listed<>(changed), containers);
    }

    View with(ContainerRecord changed) {
        SequencedMap<ContainerId, Listed<ContainerRecord>> more = new LinkedHashMap<>(containers);
        more.put(changed.id(), new Listed<>(changed));
        return new View(pod, more);
    }

    View without(ContainerId gone) {
        SequencedMap<ContainerId, Listed<ContainerRecord>> fewer = new LinkedHashMap<>(containers);
        fewer.remove(gone);
        return new View(pod, fewer);
    }
}
