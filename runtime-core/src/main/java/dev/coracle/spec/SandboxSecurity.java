package dev.coracle.spec;

import org.jspecify.annotations.Nullable;

/**
 * What a pod's containers may be given at most, and what holds for the pod itself (CRI
 * {@code LinuxSandboxSecurityContext}). A pod has no process of its own, so that {@code user} only binds where a shared pid namespace needs
 * an init. That one has an empty root and its own filter, whatever {@code readonlyRootfs} and the profiles say.
 *
 * @param selinux null when not given
 * @param privileged whether containers may ask for it
 */
public record SandboxSecurity(
        NamespaceModes namespaces,
        @Nullable SelinuxLabel selinux,
        UserRequest user,
        boolean readonlyRootfs,
        boolean privileged,
        SecurityProfile seccomp,
        SecurityProfile apparmor) {}
