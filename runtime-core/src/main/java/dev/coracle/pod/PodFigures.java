package dev.coracle.pod;

import dev.coracle.state.PodRecord;
import dev.coracle.stats.GroupFigures;
import dev.coracle.stats.InterfaceUsage;
import java.util.List;

/**
 * Everything that is counted of a ready pod.
 *
 * @param cgroup its path below the root of a hierarchy
 * @param network every interface but the loopback; none on the host's network
 * @param containers those that run
 */
public record PodFigures(
        PodRecord pod,
        String cgroup,
        GroupFigures group,
        List<InterfaceUsage> network,
        List<ContainerFigures> containers) {
    public PodFigures {
        network = List.copyOf(network);
        containers = List.copyOf(containers);
    }
}
