package dev.coracle.planner;

import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.UserNamespace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The user namespaces by which volumes are idmapped: the pod's own where it says the same, else one for each mapping. One call. */
final class IdMaps {
    private final Map<UserNamespace, Slot> known = new HashMap<>();

    /** Of a pod; null where it has the host's user namespace. */
    IdMaps(@Nullable UserNamespace pods) {
        if (pods != null) {
            known.put(pods, Kept.USER);
        }
    }

    /** What is to be done before {@link #of} holds; mostly nothing. */
    List<Step> make(MountSpec mount) {
        UserNamespace wanted = mapping(mount);
        if (mount.uidMappings().isEmpty() || known.containsKey(wanted)) {
            return List.of();
        }
        Slot made = new Slot("map" + known.size());
        known.put(wanted, made);
        return UserNamespaceSteps.mapping(made.name(), wanted, made);
    }

    /** The namespace that a volume is mapped by; {@link Slot#NONE} where none was asked for. */
    Slot of(MountSpec mount) {
        return known.getOrDefault(mapping(mount), Slot.NONE);
    }

    private static UserNamespace mapping(MountSpec mount) {
        return new UserNamespace(mount.uidMappings(), mount.gidMappings());
    }
}
