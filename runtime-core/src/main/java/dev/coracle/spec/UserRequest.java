package dev.coracle.spec;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * As whom a container's process runs, as asked. An explicit uid wins over a name, and that over the image's own user.
 *
 * @param uid CRI {@code run_as_user}; null when not given
 * @param gid CRI {@code run_as_group}; null when not given; refused without a user
 * @param username CRI {@code run_as_username}; empty when not given
 * @param supplementalGroups CRI {@code supplemental_groups}
 */
public record UserRequest(
        @Nullable Long uid,
        @Nullable Long gid,
        String username,
        List<Long> supplementalGroups,
        SupplementalGroupsPolicy policy) {
    /** Nothing asked for: the image decides. */
    public static final UserRequest NONE = new UserRequest(null, null, "", List.of(), SupplementalGroupsPolicy.MERGE);

    public UserRequest {
        supplementalGroups = List.copyOf(supplementalGroups);
    }

    /** The same with more supplementary groups. */
    UserRequest with(List<Long> moreGroups) {
        List<Long> all =
                Stream.concat(supplementalGroups.stream(), moreGroups.stream()).toList();
        return new UserRequest(uid, gid, username, all, policy);
    }
}
