package dev.coracle.cri;

import dev.coracle.proto.v1.Int64Value;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.LinuxSandboxSecurityContext;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the fields that say as whom a process runs. */
final class UserIn {
    /** 2^32-1 means "no change" to the kernel's calls. */
    private static final long ID_MAX = 0xffff_fffeL;

    private UserIn() {}

    static UserRequest sandbox(LinuxSandboxSecurityContext context, FieldPath at) {
        return read(
                new UserRequest(
                        id(context.hasRunAsUser(), context.getRunAsUser(), at.dot("run_as_user")),
                        id(context.hasRunAsGroup(), context.getRunAsGroup(), at.dot("run_as_group")),
                        "",
                        groups(context.getSupplementalGroupsList(), at.dot("supplemental_groups")),
                        policy(context.getSupplementalGroupsPolicy(), at.dot("supplemental_groups_policy"))),
                at);
    }

    static UserRequest container(LinuxContainerSecurityContext context, FieldPath at) {
        return read(
                new UserRequest(
                        id(context.hasRunAsUser(), context.getRunAsUser(), at.dot("run_as_user")),
                        id(context.hasRunAsGroup(), context.getRunAsGroup(), at.dot("run_as_group")),
                        at.dot("run_as_username").text(context.getRunAsUsername()),
                        groups(context.getSupplementalGroupsList(), at.dot("supplemental_groups")),
                        policy(context.getSupplementalGroupsPolicy(), at.dot("supplemental_groups_policy"))),
                at);
    }

    /** The contract's rule: a group without a user is refused. */
    private static UserRequest read(UserRequest user, FieldPath at) {
        if (user.gid() != null && user.uid() == null && user.username().isEmpty()) {
            throw at.dot("run_as_group").invalid("given without run_as_user or run_as_username");
        }
        return user;
    }

    private static @Nullable Long id(boolean given, Int64Value id, FieldPath at) {
        return given ? at.between(id.getValue(), 0, ID_MAX) : null;
    }

    private static List<Long> groups(List<Long> groups, FieldPath at) {
        for (int i = 0; i < groups.size(); i++) {
            at.at(i).between(groups.get(i), 0, ID_MAX);
        }
        return groups;
    }

    private static SupplementalGroupsPolicy policy(dev.coracle.proto.v1.SupplementalGroupsPolicy policy, FieldPath at) {
        return switch (policy) {
            case Merge -> SupplementalGroupsPolicy.MERGE;
            case Strict -> SupplementalGroupsPolicy.STRICT;
            case UNRECOGNIZED -> throw at.invalid("unknown policy");
        };
    }
}
