package dev.coracle.store;

import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.List;

/**
 * What is remembered of a pod when the node has gone down with it.
 *
 * @param boot the boot it lived in
 * @param containers as they were last noted: a container that is running in it ended with the boot, unseen
 */
public record Epitaph(String boot, PodRecord pod, List<ContainerRecord> containers) {
    public Epitaph {
        containers = List.copyOf(containers);
    }
}
