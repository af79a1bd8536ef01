package dev.coracle.spec;

import java.util.List;

/** A pod's own user namespace (CRI {@code UserNamespace} with mode {@code POD}): exactly one range of each, mapping 0. */
public record UserNamespace(List<IdMapping> uids, List<IdMapping> gids) {
    public UserNamespace {
        uids = List.copyOf(uids);
        gids = List.copyOf(gids);
    }
}
