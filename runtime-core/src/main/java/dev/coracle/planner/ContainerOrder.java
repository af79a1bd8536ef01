package dev.coracle.planner;

import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.UserNamespace;
import org.jspecify.annotations.Nullable;

/** A container that is to be made, started or entered: the same value for all of its plans. */
public record ContainerOrder(ContainerId id, PodPlace pod, ContainerSpec spec, ImageConfig image) {
    /** The control group that its processes are born into. */
    public Group group(Host host) {
        return pod.group(host).child(id);
    }

    /** The pod's own user namespace; null where it has the host's. */
    @Nullable
    UserNamespace userNamespace() {
        return pod.spec().security().namespaces().user();
    }

    /** What the host calls a user of the container. */
    long hostUid(long uid) {
        UserNamespace user = userNamespace();
        return user == null ? uid : user.hostUid(uid);
    }

    /** A container's name and attempt, for the titles of its plans. */
    String title() {
        return spec.metadata().name();
    }
}
