package dev.coracle.spec;

import org.jspecify.annotations.Nullable;

/**
 * CRI {@code NamespaceOption}: which namespaces are the pod's, the container's own or the host's. The UTS namespace follows
 * {@code network}; mount and cgroup namespaces are always the container's own.
 *
 * @param network {@code POD} or {@code NODE}
 * @param pid any; {@code TARGET} needs {@code target}
 * @param ipc {@code POD} or {@code NODE}
 * @param target the id of the container whose pid namespace is joined, as the client gave it; null unless {@code pid} is
 *     {@code TARGET}
 * @param user the pod's own user namespace; null for the host's
 */
public record NamespaceModes(
        NamespaceMode network,
        NamespaceMode pid,
        NamespaceMode ipc,
        @Nullable String target,
        @Nullable UserNamespace user) {

    /** What a request without any {@code namespace_options} means: everything at its zero value. */
    public static NamespaceModes pod() {
        return of(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD);
    }

    public static NamespaceModes of(NamespaceMode network, NamespaceMode pid, NamespaceMode ipc) {
        return new NamespaceModes(network, pid, ipc, null, null);
    }

    public boolean hostNetwork() {
        return network == NamespaceMode.NODE;
    }

    public boolean hostIpc() {
        return ipc == NamespaceMode.NODE;
    }
}
