package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.ContainerEvent;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodEvent;
import dev.coracle.state.PodRecord;
import java.util.List;
import java.util.Optional;

/** What may be done with a pod's records, by whoever holds its lock and only while it does. */
interface Desk {
    PodRecord pod();

    /** Whether the pod is forgotten: then its records are what they were last, and mean nothing. */
    boolean gone();

    /** In order of creation. */
    List<ContainerRecord> containers();

    /** Empty once it is removed. */
    Optional<ContainerRecord> container(ContainerId id);

    /**
     * One that must be.
     *
     * @throws NotFound if it is removed
     */
    default ContainerRecord knownContainer(ContainerId id) {
        return container(id).orElseThrow(() -> new NotFound("container", id.value()));
    }

    /** Writes and publishes what has become of the pod. */
    void save(PodRecord record);

    /** Writes and publishes what has become of a container. */
    void save(ContainerRecord record);

    /** From now on there is no such container. */
    void drop(ContainerId id);

    /** Who is at this task, if anybody is. */
    Optional<Work> work(Task task);

    /**
     * Who is at this task, when its state says that somebody is.
     *
     * @throws Unavailable if nobody is: an earlier daemon was, and what is left of that is being cleared away
     */
    default Work knownWork(Task task) {
        return work(task)
                .orElseThrow(() -> new Unavailable("join " + task.kind(), "the daemon has just been restarted"));
    }

    /** The caller is at this task from now on. */
    Work begin(Task task);

    /** An earlier daemon was at this task; others wait until what it left is cleared away. */
    Work inherit(Task task);

    default void on(PodEvent event) {
        save(pod().on(event));
    }

    default void on(ContainerId id, ContainerEvent event) {
        container(id).ifPresent(record -> save(record.on(event)));
    }
}
