package dev.coracle.state;

import dev.coracle.spec.ResolvedUser;
import java.util.List;

/**
 * What CreateContainer found out and StartContainer builds on.
 *
 * @param user decided from the files of the mounted root
 * @param sources one for each mount of the spec, in its order
 */
public record Prepared(ResolvedUser user, List<VolumeSource> sources) {
    public Prepared {
        sources = List.copyOf(sources);
    }
}
