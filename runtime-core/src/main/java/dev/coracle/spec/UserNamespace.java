package dev.coracle.spec;

import java.util.List;

/** A pod's own user namespace (CRI {@code UserNamespace} with mode {@code POD}): exactly one range of each, mapping 0. */
public record UserNamespace(List<IdMapping> uids, List<IdMapping> gids) {
    public UserNamespace {
        uids = List.copyOf(uids);
        gids = List.copyOf(gids);
    }

    /** What the host calls this user of the pod; only for one that {@link #hasUser} says there is. */
    public long hostUid(long uid) {
        return uids.getFirst().hostId() + uid;
    }

    /** The same for a group. */
    public long hostGid(long gid) {
        return gids.getFirst().hostId() + gid;
    }

    public boolean hasUser(long uid) {
        return uid < uids.getFirst().length();
    }

    public boolean hasGroup(long gid) {
        return gid < gids.getFirst().length();
    }
}
