package dev.coracle.cri;

import dev.coracle.spec.StreamSpec;

/** Gives the addresses at which clients open streams. */
public interface StreamUrls {
    /**
     * An address that is good for one connection, soon.
     *
     * @throws dev.coracle.failure.RuntimeFailure.Exhausted if too many are asked for and not used
     */
    String of(StreamSpec spec);
}
