package dev.coracle.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One volume of a container (CRI {@code Mount}).
 *
 * @param containerPath absolute path in the container; made when missing
 * @param hostPath absolute path on the host, which must exist; empty when {@code image} is given
 * @param readonly the mount itself is read-only; with {@code recursiveReadonly} also all mounts below it
 * @param selinuxRelabel whether the source gets the container's label
 * @param uidMappings for an idmapped mount; empty for none
 * @param image the image mounted here; null for a host path
 * @param options of {@code noexec}, {@code nodev}, {@code nosuid}: CRI {@code mount_options}
 * @param alone without what is mounted below its source: what {@code bind} says beside {@code rbind}
 */
public record MountSpec(
        String containerPath,
        String hostPath,
        boolean readonly,
        boolean recursiveReadonly,
        Propagation propagation,
        boolean selinuxRelabel,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        @Nullable ImageVolume image,
        List<String> options,
        boolean alone) {
    public MountSpec {
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
        options = List.copyOf(options);
    }

    /** A plain bind mount. */
    public static MountSpec bind(String hostPath, String containerPath, boolean readonly, Propagation propagation) {
        return new MountSpec(
                containerPath,
                hostPath,
                readonly,
                false,
                propagation,
                false,
                List.of(),
                List.of(),
                null,
                List.of(),
                false);
    }
}
