package dev.coracle.pod;

import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.List;

/**
 * A pod and its containers as they were at one instant.
 *
 * @param containers those that clients may know of, in order of creation
 */
public record PodSnapshot(PodRecord pod, List<ContainerRecord> containers) {
    public PodSnapshot {
        containers = List.copyOf(containers);
    }

    static PodSnapshot of(View view) {
        return new PodSnapshot(
                view.pod(),
                view.containers().stream().filter(ContainerRecord::listed).toList());
    }
}
