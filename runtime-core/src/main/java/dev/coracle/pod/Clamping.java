package dev.coracle.pod;

import dev.coracle.planner.Host;
import dev.coracle.state.ContainerRecord;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once in a daemon's life that containers get a higher oom_score_adj than was asked for, as the daemon lacks the right to give less:
 * a line for each container would bury the log. Any thread.
 */
final class Clamping {
    private static final Logger LOG = LoggerFactory.getLogger(Clamping.class);

    private final Host host;
    private final AtomicBoolean said = new AtomicBoolean();

    Clamping(Host host) {
        this.host = host;
    }

    /** A container is about to be started. */
    void notice(ContainerRecord container) {
        long wanted = container.spec().resources().oomScoreAdj();
        int given = host.oomScoreAdjWithin(wanted);
        if (given > wanted && said.compareAndSet(false, true)) {
            LOG.warn(
                    "container {} gets oom_score_adj {} rather than {}: this daemon lacks CAP_SYS_RESOURCE; so do all"
                            + " that ask for less, which is not said again",
                    container.id(),
                    given,
                    wanted);
        }
    }
}
