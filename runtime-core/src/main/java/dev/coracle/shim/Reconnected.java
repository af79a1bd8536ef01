package dev.coracle.shim;

import java.util.List;

/**
 * A shim of an earlier daemon, and what it holds.
 *
 * @param shim connected
 * @param running every container and init alive
 * @param plans the numbers of the plans that still run
 * @param exits all that was not acknowledged
 */
public record Reconnected(Shim shim, List<Running> running, List<Long> plans, List<Exit> exits) {
    public Reconnected {
        running = List.copyOf(running);
        plans = List.copyOf(plans);
        exits = List.copyOf(exits);
    }
}
