package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.shim.Shim;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks once for each pod that an earlier daemon left ready whether its connection is what it was made as (CNI CHECK): while no daemon was
 * there, nobody saw what became of bridges and rules. What comes of it is told, in the log and in the pod's verbose status; the pod goes on,
 * as only whoever runs the network knows what to do. One pod after the other, off every call's path.
 */
final class NetworkChecks {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkChecks.class);

    /** What a check said that found nothing wrong. */
    private static final String FINE = "as it was made";

    private final Networks networks;
    private final List<Pod> pods;

    /** {@code pods} are those that were there before this daemon. */
    NetworkChecks(Networks networks, List<Pod> pods) {
        this.networks = networks;
        this.pods = pods;
    }

    /** Asks about one after the other, as long as {@code goOn} says so. */
    void run(BooleanSupplier goOn) {
        for (Pod pod : pods) {
            Optional<Shim> shim = pod.shim();
            if (shim.isPresent() && goOn.getAsBoolean()) {
                pod.locked(NetworkChecks::begin).ifPresent(work -> check(pod, work, shim.get()));
            }
        }
    }

    /** A pod that is being stopped is not asked about: its plugins have other things to do. */
    private static Optional<Work> begin(Desk desk) {
        PodRecord pod = desk.pod();
        boolean attached = pod.state() instanceof PodState.Ready && pod.attachment() != null && Networks.isOwn(pod);
        return attached && !desk.gone() ? Optional.of(desk.begin(Task.check())) : Optional.empty();
    }

    private void check(Pod pod, Work work, Shim shim) {
        try {
            pod.carryOut(work, () -> networks.check(pod.view().pod(), work, shim));
            pod.networkFound(FINE);
        } catch (RuntimeFailure e) {
            if (pod.view().pod().ready()) {
                String found = String.valueOf(e.getMessage());
                LOG.warn("the network of pod {} is not as it was made: {}", pod.id(), found);
                pod.networkFound(found);
            }
        }
    }

    /** Ends a check that is under way, as plugins are not to be called twice at a time. */
    static void end(Pod pod) {
        Optional<Work> work = pod.locked(desk -> desk.work(Task.check()));
        work.ifPresent(it -> DoomedWork.await(pod, it, Duration.ZERO, Cancellation.NEVER));
    }
}
