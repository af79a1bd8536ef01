package dev.coracle.store;

import dev.coracle.spec.PodId;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.state.PodRecord;

/** What never changes of a pod: written once, because it is large. */
record PodOrigin(PodId id, SandboxSpec spec, long createdAt) {
    static PodOrigin of(PodRecord pod) {
        return new PodOrigin(pod.id(), pod.spec(), pod.createdAt());
    }
}
