package dev.coracle.planner;

import dev.coracle.spec.PodId;
import dev.coracle.spec.SandboxSpec;

/**
 * A pod, as planners see it.
 *
 * @param directory absolute path of the pod's run directory, which holds {@code resolv.conf}, {@code hosts} and {@code hostname}
 * @param netns absolute path at which its network namespace is pinned
 */
public record PodPlace(PodId id, SandboxSpec spec, String directory, String netns) {
    /** The group that those of its containers are made in. */
    public Group group(Host host) {
        return Group.parent(host.cgroups(), spec.cgroupParent(), id);
    }

    /** What programs of the pod see as its host name: the node's where the client, as crictl and critest do, gives none. */
    String hostname(Host host) {
        return spec.hostname().isEmpty() ? host.hostname() : spec.hostname();
    }
}
