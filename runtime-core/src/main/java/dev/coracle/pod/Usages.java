package dev.coracle.pod;

import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What pods and containers use, read from the kernel when asked. Takes no lock of any pod; any thread. A stream measures an element when
 * that is drawn, and leaves out what ends meanwhile.
 */
public interface Usages {
    /**
     * One running container.
     *
     * @throws dev.coracle.failure.RuntimeFailure.WrongState if it does not run
     */
    ContainerUsage container(String id);

    /** Every running container that is wanted. */
    Stream<ContainerUsage> containers(Predicate<ContainerRecord> wanted);

    /**
     * One ready pod.
     *
     * @throws dev.coracle.failure.RuntimeFailure.WrongState if it is not ready
     */
    PodUsage pod(String id);

    /** Every ready pod that is wanted. */
    Stream<PodUsage> pods(Predicate<PodRecord> wanted);

    /** Everything that is counted of every ready pod. */
    Stream<PodFigures> figures();
}
