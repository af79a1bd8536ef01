package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.UserNamespace;
import java.util.Objects;

/** Which namespace modes there are, and what a container's come to. */
final class NamespaceRules {
    private static final String FIELD = "linux.security_context.namespace_options.";

    private NamespaceRules() {}

    static void checkPod(NamespaceModes modes, Host host) {
        podOrNode(modes.network(), "network");
        podOrNode(modes.ipc(), "ipc");
        if (modes.pid() == NamespaceMode.TARGET) {
            throw new InvalidSpec(FIELD + "pid", "TARGET is for containers, not for pods");
        }
        if (modes.user() == null) {
            return;
        }
        if (!host.userNamespaces()) {
            throw new Unsupported("make user namespace", host.noUserNamespaces());
        }
        notTheHosts(modes.pid(), "pid");
        notTheHosts(modes.ipc(), "ipc");
    }

    /** In a user namespace of its own nobody may mount what shows the host's processes or message queues. */
    private static void notTheHosts(NamespaceMode mode, String name) {
        if (mode == NamespaceMode.NODE) {
            throw new InvalidSpec(FIELD + name, "cannot be NODE in a pod with a user namespace of its own");
        }
    }

    static void check(ContainerOrder order) {
        NamespaceModes own = order.spec().security().namespaces();
        UserNamespace pods = order.userNamespace();
        if (!Objects.equals(own.user(), pods)) {
            throw new InvalidSpec(FIELD + "userns_options", "differs from the pod's, which is for all its containers");
        }
        if (pods != null) {
            notTheHosts(own.pid(), "pid");
        }
        String target = own.target();
        if (own.pid() == NamespaceMode.TARGET && (target == null || target.isEmpty())) {
            throw new InvalidSpec(FIELD + "target_id", "is empty, and pid is TARGET");
        }
    }

    /**
     * Whose processes a container sees. {@code POD} means what the pod has, so that a client that leaves a container's options
     * out gets the pod's. Network and ipc are the pod's always, as with other runtimes.
     */
    static NamespaceMode pid(ContainerOrder order) {
        NamespaceMode own = order.spec().security().namespaces().pid();
        return own == NamespaceMode.POD
                ? order.pod().spec().security().namespaces().pid()
                : own;
    }

    private static void podOrNode(NamespaceMode mode, String name) {
        if (mode != NamespaceMode.POD && mode != NamespaceMode.NODE) {
            throw new InvalidSpec(FIELD + name, mode + " is neither POD nor NODE");
        }
    }
}
