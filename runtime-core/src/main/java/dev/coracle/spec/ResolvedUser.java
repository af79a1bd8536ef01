package dev.coracle.spec;

import java.util.List;

/**
 * Whom a container's process really runs as, decided from the request, the image and the files mounted.
 *
 * @param uid 0 to 2^32-2
 * @param gid the same
 * @param groups supplementary groups in ascending order, as {@code setgroups} gets them
 * @param home value of {@code HOME}: absolute path, {@code /} when the files say nothing
 */
public record ResolvedUser(long uid, long gid, List<Long> groups, String home) {
    public ResolvedUser {
        groups = List.copyOf(groups);
    }
}
