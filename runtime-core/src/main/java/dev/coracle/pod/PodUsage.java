package dev.coracle.pod;

import dev.coracle.state.PodRecord;
import dev.coracle.stats.GroupUsage;
import dev.coracle.stats.InterfaceUsage;
import java.util.List;

/**
 * What a ready pod uses.
 *
 * @param group of the pod's cgroup: the one that its client named, with whatever else the client has put in there
 * @param processes in that cgroup
 * @param network every interface but the loopback; none on the host's network
 * @param containers those that run
 */
public record PodUsage(
        PodRecord pod,
        GroupUsage group,
        long processes,
        List<InterfaceUsage> network,
        List<ContainerUsage> containers) {
    public PodUsage {
        network = List.copyOf(network);
        containers = List.copyOf(containers);
    }
}
