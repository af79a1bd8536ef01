package dev.coracle.spec;

/**
 * Which seccomp or AppArmor profile is wanted (CRI {@code SecurityProfile}). An absent message means unconfined for seccomp, and for
 * AppArmor the runtime's own profile where the node has AppArmor, as Kubernetes promises it.
 */
public sealed interface SecurityProfile {
    /** The runtime's own profile. */
    record RuntimeDefault() implements SecurityProfile {}

    /** None. */
    record Unconfined() implements SecurityProfile {}

    /**
     * One of the node's own.
     *
     * @param reference for seccomp the absolute path of a file, for AppArmor the name of a loaded profile
     */
    record Localhost(String reference) implements SecurityProfile {}

    /** The runtime's own profile where there can be one; for AppArmor, where none was asked for. */
    record DefaultIfAny() implements SecurityProfile {}

    SecurityProfile RUNTIME_DEFAULT = new RuntimeDefault();
    SecurityProfile UNCONFINED = new Unconfined();
    SecurityProfile DEFAULT_IF_ANY = new DefaultIfAny();
}
