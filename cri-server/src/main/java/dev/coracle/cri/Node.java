package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.CgroupDriver;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What this node can do, as {@code Status}, {@code Version} and {@code RuntimeConfig} tell it.
 *
 * @param version of Coracle, one that semantic versioning understands
 * @param handlers the default one, named "", first
 * @param supplementalGroupsPolicy whether containers may choose theirs
 * @param userNamespacesHostNetwork whether a pod may have its own user namespace and the host's network
 * @param mountOptions whether {@code Mount.mount_options} is heeded
 * @param network looks at the configuration of pod networks; must not wait
 * @param details what verbose status shows: keys to JSON
 */
public record Node(
        String version,
        CgroupDriver cgroupDriver,
        List<Handler> handlers,
        boolean supplementalGroupsPolicy,
        boolean userNamespacesHostNetwork,
        boolean mountOptions,
        Supplier<Network> network,
        Supplier<Map<String, String>> details) {
    /** A name that RunPodSandbox may ask for, and what pods get there. */
    public record Handler(String name, boolean recursiveReadOnlyMounts, boolean userNamespaces) {}

    /**
     * Whether pods can be given a network.
     *
     * @param reason one word in camel case; empty when ready
     * @param message for people; empty when ready
     */
    public record Network(boolean ready, String reason, String message) {}

    public Node {
        handlers = List.copyOf(handlers);
    }

    /**
     * For names of handlers in requests.
     *
     * @throws InvalidSpec naming {@code field}, if no handler is called so
     */
    public void requireHandler(String field, String name) {
        if (handlers.stream().noneMatch(handler -> handler.name().equals(name))) {
            throw new InvalidSpec(field, "no handler \"" + name + "\" is configured here");
        }
    }
}
