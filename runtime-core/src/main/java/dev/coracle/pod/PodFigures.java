package dev.coracle.pod;

import dev.coracle.state.PodRecord;
import dev.coracle.stats.GroupFigures;
import dev.coracle.stats.NetworkFigures;
import java.util.List;

/**
 * Everything that is counted of a ready pod.
 *
 * @param cgroup its path below the root of a hierarchy
 * @param network nothing of a pod on the host's network
 * @param containers those that run
 */
public record PodFigures(
        PodRecord pod, String cgroup, GroupFigures group, NetworkFigures network, List<ContainerFigures> containers) {
    public PodFigures {
        containers = List.copyOf(containers);
    }
}
