package dev.coracle.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container may do (CRI {@code LinuxContainerSecurityContext}).
 *
 * @param privileged all capabilities, all host devices, nothing masked, nothing read-only but what was asked, no profile
 * @param selinux null when not given
 * @param maskedPaths hidden from the container; none when privileged. The kubelet names the usual ones itself, an empty list
 *     is its {@code procMount: Unmasked}
 * @param readonlyPaths the same, for paths that may be read
 */
public record ContainerSecurity(
        CapabilityRequest capabilities,
        boolean privileged,
        NamespaceModes namespaces,
        @Nullable SelinuxLabel selinux,
        UserRequest user,
        boolean readonlyRootfs,
        boolean noNewPrivs,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        SecurityProfile seccomp,
        SecurityProfile apparmor) {
    public ContainerSecurity {
        maskedPaths = List.copyOf(maskedPaths);
        readonlyPaths = List.copyOf(readonlyPaths);
    }

    /** The same with more supplementary groups. */
    ContainerSecurity with(List<Long> moreGroups) {
        return new ContainerSecurity(
                capabilities,
                privileged,
                namespaces,
                selinux,
                user.with(moreGroups),
                readonlyRootfs,
                noNewPrivs,
                maskedPaths,
                readonlyPaths,
                seccomp,
                apparmor);
    }
}
