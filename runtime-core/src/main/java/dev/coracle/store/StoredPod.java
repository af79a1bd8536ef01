package dev.coracle.store;

import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.List;

/** A pod as it was found on disk. */
public record StoredPod(PodRecord pod, List<ContainerRecord> containers) {
    public StoredPod {
        containers = List.copyOf(containers);
    }
}
