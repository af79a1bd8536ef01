package dev.coracle.pod;

import dev.coracle.shim.Running;
import dev.coracle.shim.Shim;
import dev.coracle.store.StorePaths;
import java.util.Optional;

/**
 * Where a pod or a container is to be found on this node, for people with {@code nsenter} and the like. True for the moment only.
 *
 * @param pid of a container's main process, or of the init that a pod with a shared pid namespace has; 0 where none runs
 * @param shim pid of the pod's shim; 0 without one
 * @param netns path of the pod's network namespace; empty on the host's network
 * @param network what a check of its network has found since the daemon was started; empty for none
 * @param plans directory of the plans that the pod was made by
 */
public record Whereabouts(long pid, long shim, String netns, String network, String plans) {
    static Whereabouts of(Pod pod, String id, StorePaths paths) {
        Optional<Shim> shim = pod.shim();
        return new Whereabouts(
                shim.flatMap(it -> it.running(id)).map(Running::pid).orElse(0L),
                shim.map(Shim::pid).orElse(0L),
                Networks.isOwn(pod.view().pod()) ? paths.netns(pod.id()).toString() : "",
                pod.network(),
                paths.pod(pod.id()).resolve("plans").toString());
    }
}
