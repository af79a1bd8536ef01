package dev.coracle.store;

import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerImage;
import dev.coracle.state.ContainerRecord;

/** What never changes of a container: written once, because it is large. */
record ContainerOrigin(
        ContainerId id, PodId pod, ContainerSpec spec, ContainerEdits edits, ContainerImage image, long createdAt) {
    static ContainerOrigin of(ContainerRecord container) {
        return new ContainerOrigin(
                container.id(),
                container.pod(),
                container.spec(),
                container.edits(),
                container.image(),
                container.createdAt());
    }
}
