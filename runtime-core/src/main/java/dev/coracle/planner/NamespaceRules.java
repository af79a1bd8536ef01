package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;

/** Which namespace modes there are, and what a container's come to. */
final class NamespaceRules {
    private static final String FIELD = "linux.security_context.namespace_options.";

    private NamespaceRules() {}

    static void checkPod(NamespaceModes modes) {
        podOrNode(modes.network(), "network");
        podOrNode(modes.ipc(), "ipc");
        if (modes.pid() == NamespaceMode.TARGET) {
            throw new InvalidSpec(FIELD + "pid", "TARGET is for containers, not for pods");
        }
        noUserNamespace(modes);
    }

    static void check(ContainerOrder order) {
        NamespaceModes own = order.spec().security().namespaces();
        noUserNamespace(own);
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

    private static void noUserNamespace(NamespaceModes modes) {
        if (modes.user() != null) {
            throw new Unsupported("make user namespace", "user namespaces are not provided");
        }
    }
}
