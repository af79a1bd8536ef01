package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SelinuxLabel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which seccomp and AppArmor profiles a container gets, and whether it can have the SELinux label that it asks for. */
public final class ProfileRules {
    private static final String SECCOMP = "linux.security_context.seccomp";
    private static final String LABEL = "apply SELinux label";

    private ProfileRules() {}

    static void check(ContainerSecurity security, Host host) {
        if (!host.seccomp() && !(effective(security) instanceof SecurityProfile.Unconfined)) {
            throw new Unsupported("apply seccomp profile", "this node's kernel has no seccomp");
        }
        localhostFile(security);
        if (!host.apparmor() && !security.privileged()) {
            refuseAppArmor(security.apparmor());
        }
        checkLabel(security.selinux(), host);
    }

    private static void refuseAppArmor(SecurityProfile wanted) {
        String name = switch (wanted) {
            case SecurityProfile.Localhost(String profile) -> profile;
            case SecurityProfile.RuntimeDefault _ -> AppArmorProfile.NAME;
            case SecurityProfile.Unconfined _, SecurityProfile.DefaultIfAny _ -> "";
        };
        if (!name.isEmpty()) {
            throw new Unsupported("apply AppArmor profile " + name, "AppArmor is not enabled on this node");
        }
    }

    /**
     * A label that asks for confinement which nobody gives is refused. Agents of the node ask to be left alone by it, on nodes without
     * SELinux too: that they have.
     */
    static void checkLabel(@Nullable SelinuxLabel label, Host host) {
        if (label == null) {
            return;
        }
        if (!label.isWellFormed()) {
            throw new InvalidSpec(
                    "linux.security_context.selinux_options",
                    "\"" + label.text()
                            + "\" is not written as a label is: user, role and type are names, and a level is"
                            + " like s0:c1,c2");
        }
        if (label.confines() && !host.selinux().labels()) {
            throw new Unsupported(
                    LABEL,
                    host.selinux().enabled()
                            ? "this node's policy has no labels for containers; container-selinux brings them"
                            : "SELinux is not enabled on this node");
        }
    }

    /** A privileged container is never confined. */
    private static SecurityProfile effective(ContainerSecurity security) {
        return security.privileged() ? SecurityProfile.UNCONFINED : security.seccomp();
    }

    /** What is to be applied: nothing where the kernel has no AppArmor, or to a privileged container. */
    public static SecurityProfile apparmor(ContainerSecurity security, Host host) {
        if (!host.apparmor() || security.privileged()) {
            return SecurityProfile.UNCONFINED;
        }
        return security.apparmor() instanceof SecurityProfile.DefaultIfAny
                ? SecurityProfile.RUNTIME_DEFAULT
                : security.apparmor();
    }

    /**
     * The file on the node that has to be read for {@link #seccomp}; empty when none has.
     *
     * @throws InvalidSpec if the reference is not an absolute path
     */
    public static Optional<String> localhostFile(ContainerSecurity security) {
        if (!(effective(security) instanceof SecurityProfile.Localhost(String file))) {
            return Optional.empty();
        }
        if (!file.startsWith("/")) {
            throw new InvalidSpec(SECCOMP + ".localhost_ref", "\"" + file + "\" is not an absolute path");
        }
        return Optional.of(file);
    }

    /** The profile to compile for the init of a pod; empty where the pod has none, or the kernel no seccomp. */
    public static Optional<SeccompProfile> ofInit(SandboxSecurity security, Host host) {
        boolean filtered = security.namespaces().pid() == NamespaceMode.POD && host.seccomp();
        return filtered ? Optional.of(InitProfile.of(host.architecture())) : Optional.empty();
    }

    /**
     * The profile to compile; empty for none.
     *
     * @param localhost content of {@link #localhostFile}; not looked at unless there is one
     * @throws InvalidSpec if that content is no profile
     */
    public static Optional<SeccompProfile> seccomp(ContainerSecurity security, Host host, String localhost) {
        CapabilitySet capabilities = Grant.of(security, host).bounding();
        return switch (effective(security)) {
            case SecurityProfile.RuntimeDefault _ ->
                Optional.of(SeccompDefault.profile(capabilities, host.architecture()));
            case SecurityProfile.Unconfined _, SecurityProfile.DefaultIfAny _ -> Optional.empty();
            case SecurityProfile.Localhost(String file) ->
                Optional.of(
                        SeccompProfileReader.read(localhost, capabilities, host, SECCOMP + ".localhost_ref " + file));
        };
    }
}
