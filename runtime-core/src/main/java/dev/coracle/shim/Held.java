package dev.coracle.shim;

import java.util.List;

/** What a shim says of itself when a daemon connects. */
record Held(long pid, List<Running> running, List<Long> plans, List<Exit> exits) {
    Held {
        running = List.copyOf(running);
        plans = List.copyOf(plans);
        exits = List.copyOf(exits);
    }
}
