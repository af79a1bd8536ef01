package dev.coracle.store;

import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.List;

/**
 * What is kept of live pods and their containers: on a tmpfs, because pods end with the boot, and because a record then costs
 * microseconds and cannot be torn by a power cut. One pod is written by one thread at a time, whoever holds its lock.
 */
public interface Records {
    /** Makes a pod's directory and what never changes of it; the pod does not count until {@link #save}. */
    void begin(PodRecord pod);

    /** Notes what has become of a pod. */
    void save(PodRecord pod);

    /** The same for a container, whose pod exists. */
    void begin(ContainerRecord container);

    void save(ContainerRecord container);

    /** From now on there was no such container. */
    void delete(ContainerRecord container);

    /** From now on there was no such pod. Its directory goes too. */
    void delete(PodId pod);

    /** Every directory of a pod, also such as do not count. */
    List<PodId> pods();

    /**
     * What was noted of a pod; of its containers those that count.
     *
     * @throws dev.coracle.failure.RuntimeFailure.NotFound if the pod does not count
     * @throws dev.coracle.failure.RuntimeFailure.CorruptRecord if anything of it cannot be read
     */
    StoredPod load(PodId pod);
}
