package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.SeccompFlag;
import java.util.Set;

/**
 * A compiled seccomp profile.
 *
 * @param program an array of {@code struct sock_filter} in this machine's byte order
 */
public record SeccompFilter(Bytes program, Set<SeccompFlag> flags) {
    public SeccompFilter {
        flags = Set.copyOf(flags);
    }
}
