package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.planner.SelinuxLabels;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.state.ContainerRecord;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Which pods there are, by id and by name, and whose a container is. Concurrent maps; any thread, no locks. */
final class PodTable {
    private final Map<PodMetadata, Pod> names = new ConcurrentHashMap<>();
    private final Map<String, Pod> categories = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<String, Pod> pods = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, Pod> containers = new ConcurrentSkipListMap<>();

    /**
     * Adds a pod unless there is one of its name, namespace, uid and attempt, or whose id comes to the same SELinux categories;
     * whichever is there then.
     */
    Pod claim(Pod pod) {
        Pod alike = categories.putIfAbsent(categories(pod), pod);
        if (alike != null) {
            return alike;
        }
        Pod owner = names.putIfAbsent(metadata(pod), pod);
        if (owner != null) {
            categories.remove(categories(pod), pod);
            return owner;
        }
        return put(pod);
    }

    /** Adds a pod that an earlier daemon has left, whatever its categories are. */
    void adopt(Pod pod) {
        categories.putIfAbsent(categories(pod), pod);
        names.putIfAbsent(metadata(pod), pod);
        put(pod);
    }

    private Pod put(Pod pod) {
        pods.put(pod.id().value(), pod);
        pod.view().containers().forEach(container -> add(container.id(), pod));
        return pod;
    }

    /** The pod of that name, namespace, uid and attempt. */
    Optional<Pod> named(PodMetadata metadata) {
        return Optional.ofNullable(names.get(metadata));
    }

    /** There is no such pod any more, and no such name. */
    void forget(Pod pod) {
        pods.remove(pod.id().value());
        names.remove(metadata(pod), pod);
        categories.remove(categories(pod), pod);
        pod.view().containers().forEach(container -> forget(container.id()));
    }

    private static String categories(Pod pod) {
        return SelinuxLabels.categories(pod.id());
    }

    private static PodMetadata metadata(Pod pod) {
        return pod.view().pod().spec().metadata();
    }

    void add(ContainerId container, Pod pod) {
        containers.put(container.value(), pod);
    }

    void forget(ContainerId container) {
        containers.remove(container.value());
    }

    /** All of them, in no order that means anything. */
    Collection<Pod> pods() {
        return pods.values();
    }

    /** The pod whose id is this or begins so. */
    Optional<Pod> pod(String prefix) {
        return find(pods, prefix, "pod_sandbox_id").map(Map.Entry::getValue);
    }

    /** The same, of one that must be. */
    Pod knownPod(String prefix) {
        return pod(prefix).orElseThrow(() -> new NotFound("pod sandbox", prefix));
    }

    /** The container whose id is this or begins so, with its pod. */
    Optional<Held> container(String prefix) {
        return find(containers, prefix, "container_id")
                .map(entry -> new Held(entry.getValue(), new ContainerId(entry.getKey())));
    }

    /** The same, of one that must be. */
    Held knownContainer(String prefix) {
        return container(prefix).orElseThrow(() -> new NotFound("container", prefix));
    }

    private static Optional<Map.Entry<String, Pod>> find(
            ConcurrentSkipListMap<String, Pod> all, String prefix, String field) {
        if (prefix.isEmpty()) {
            throw new InvalidSpec(field, "is empty");
        }
        Map.Entry<String, Pod> first = all.ceilingEntry(prefix);
        if (first == null || !first.getKey().startsWith(prefix)) {
            return Optional.empty();
        }
        String next = all.higherKey(first.getKey());
        if (!first.getKey().equals(prefix) && next != null && next.startsWith(prefix)) {
            throw new InvalidSpec(field, "more than one id begins with " + prefix);
        }
        return Optional.of(first);
    }

    /** A container and the pod it is in. */
    record Held(Pod pod, ContainerId id) {
        /** As it is now; empty once it is removed. */
        Optional<ContainerRecord> record() {
            return pod.view().container(id);
        }
    }
}
