package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.shim.Exit;
import dev.coracle.shim.ShimEvents;
import dev.coracle.shim.Stuck;
import dev.coracle.spec.PodId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears from the shims, on the thread that reads all of them, and hands each piece of news to a thread of its own. Set up before the first
 * shim is reached; the rest is in the pods.
 */
final class Connections implements ShimEvents {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /** Who does what has to be done about the news. */
    interface Hearer {
        void exited(Pod pod, Exit exit);

        /** Its shim cannot be reached any more. */
        void lost(Pod pod);

        /** Its shim is dead; another one has taken its place and holds nothing. */
        void orphaned(Pod pod);
    }

    private volatile @Nullable Hearer hearer;
    private volatile @Nullable PodTable table;

    /** From now on there may be shims. */
    void hear(PodTable pods, Hearer by) {
        table = pods;
        hearer = by;
    }

    @Override
    public void exited(PodId pod, Exit exit) {
        tell(pod, "exit of " + exit.id(), (to, about) -> to.exited(about, exit));
    }

    @Override
    public void lost(PodId pod) {
        tell(pod, "loss of the shim", Hearer::lost);
    }

    void orphaned(Pod pod) {
        tell(pod.id(), "death of the shim", Hearer::orphaned);
    }

    @Override
    public void stuck(PodId pod, Stuck stuck) {
        LOG.warn(
                "plan {} of pod {} was killed and does not end: process {} waits in {}",
                stuck.plan(),
                pod,
                stuck.pid(),
                stuck.waitChannel());
    }

    private interface News {
        void tell(Hearer to, Pod about);
    }

    private void tell(PodId id, String what, News news) {
        Hearer to = hearer;
        PodTable pods = table;
        if (to == null || pods == null) {
            return;
        }
        pods.pod(id.value())
                .ifPresent(pod -> Thread.ofVirtual().name(what + " in " + id).start(() -> {
                    try {
                        news.tell(to, pod);
                    } catch (RuntimeFailure e) {
                        LOG.warn("{} in pod {}: {}", what, id, e.getMessage());
                    }
                }));
    }
}
