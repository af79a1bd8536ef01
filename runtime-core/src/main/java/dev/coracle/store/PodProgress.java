package dev.coracle.store;

import dev.coracle.spec.Resources;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;

/** What changes of a pod: written with each step. */
record PodProgress(Resources overhead, Resources resources, PodState state, boolean doomed) {
    static PodProgress of(PodRecord pod) {
        return new PodProgress(pod.overhead(), pod.resources(), pod.state(), pod.doomed());
    }

    PodRecord of(PodOrigin origin) {
        return new PodRecord(origin.id(), origin.spec(), origin.createdAt(), overhead, resources, state, doomed);
    }
}
