package dev.coracle.pod;

import dev.coracle.spec.PodMetadata;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.store.Epitaph;
import dev.coracle.store.Epitaphs;

/** What outlives a pod or the boot: epitaphs, and when the youngest of each name was made. Any thread. */
final class Memory {
    private record PodName(String namespace, String name, String uid) {}

    private record ContainerName(String podUid, String podId, String name) {}

    private final String boot;
    private final Epitaphs epitaphs;
    private final CreationTimes times;

    Memory(Node node) {
        this.boot = node.boot();
        this.epitaphs = node.epitaphs();
        this.times = new CreationTimes(node.clock());
    }

    /** When a new pod of that name is made: ns since the epoch. */
    long podCreated(PodMetadata names) {
        return times.next(name(names));
    }

    /** When a new container of that name is made: ns since the epoch. */
    long containerCreated(PodRecord pod, String name) {
        return times.next(name(pod, name));
    }

    /** These are there, from before. */
    void saw(View view) {
        times.saw(name(view.pod().spec().metadata()), view.pod().createdAt());
        for (ContainerRecord container : view.containers()) {
            times.saw(name(view.pod(), container.spec().metadata().name()), container.createdAt());
        }
    }

    void podGone(PodRecord pod) {
        times.forget(name(pod.spec().metadata()), pod.createdAt());
    }

    void containerGone(PodRecord pod, ContainerRecord container) {
        times.forget(name(pod, container.spec().metadata().name()), container.createdAt());
    }

    /** This is what is to be known of a pod when the node goes down. */
    void note(Pod pod) {
        // With the lock: a pod that is being forgotten must not be remembered again.
        pod.change(desk -> {
            if (!desk.gone()) {
                View view = pod.view();
                epitaphs.note(new Epitaph(boot, view.pod(), view.containers()));
            }
        });
    }

    private static PodName name(PodMetadata names) {
        return new PodName(names.namespace(), names.name(), names.uid());
    }

    /** The attempts of one container may lie in several attempts of its pod. */
    private static ContainerName name(PodRecord pod, String container) {
        String uid = pod.spec().metadata().uid();
        return new ContainerName(uid, uid.isEmpty() ? pod.id().value() : "", container);
    }
}
