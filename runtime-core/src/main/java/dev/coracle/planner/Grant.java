package dev.coracle.planner;

import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerSecurity;

/**
 * The capabilities of a container's processes.
 *
 * @param bounding also the permitted and the effective ones
 * @param ambient also the inheritable ones: what outlives the change to another user
 */
record Grant(CapabilitySet bounding, CapabilitySet ambient) {
    private static final String FIELD = "linux.security_context.capabilities.";

    /**
     * Decides. What this daemon itself may not do it cannot hand on: that is left out.
     *
     * @throws dev.coracle.failure.RuntimeFailure.InvalidSpec if a name is not known
     */
    static Grant of(ContainerSecurity security, Host host) {
        CapabilitySet all = host.capabilities();
        CapabilityRequest request = security.capabilities();
        CapabilitySet add = CapabilitySet.parse(request.add(), all, FIELD + "add_capabilities");
        CapabilitySet drop = CapabilitySet.parse(request.drop(), all, FIELD + "drop_capabilities");
        CapabilitySet ambient = CapabilitySet.parse(request.addAmbient(), all, FIELD + "add_ambient_capabilities")
                .within(all);
        if (security.privileged()) {
            return new Grant(all, ambient);
        }
        boolean addAll = request.add().stream().anyMatch(name -> name.strip().equalsIgnoreCase("ALL"));
        boolean dropAll = request.drop().stream().anyMatch(name -> name.strip().equalsIgnoreCase("ALL"));
        CapabilitySet start = dropAll || addAll ? CapabilitySet.NONE : CapabilitySet.DEFAULT;
        // `drop: ALL, add: X` gives X, and `add: ALL, drop: X` everything but X
        CapabilitySet dropped = dropAll ? CapabilitySet.NONE : drop;
        return new Grant(start.plus(add).minus(dropped).plus(ambient).within(all), ambient);
    }
}
