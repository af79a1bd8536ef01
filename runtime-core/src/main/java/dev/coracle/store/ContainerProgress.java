package dev.coracle.store;

import dev.coracle.spec.Resources;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;

/** What changes of a container: written with each step. */
record ContainerProgress(Resources resources, ContainerState state) {
    static ContainerProgress of(ContainerRecord container) {
        return new ContainerProgress(container.resources(), container.state());
    }

    ContainerRecord of(ContainerOrigin origin) {
        return new ContainerRecord(
                origin.id(),
                origin.pod(),
                origin.spec(),
                origin.edits(),
                origin.image(),
                origin.createdAt(),
                resources,
                state);
    }
}
