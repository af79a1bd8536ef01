package dev.coracle.spec;

import org.jspecify.annotations.Nullable;

/**
 * A device node that a device of the Container Device Interface brings.
 *
 * @param path in the container
 * @param hostPath on the node: where what is not given here is looked up
 * @param type {@code b} or {@code c}; empty for that of the node at {@code hostPath}
 * @param major null, with {@code minor}, for those of the node at {@code hostPath}
 * @param mode permissions; null for those of the node at {@code hostPath}, or {@code rw-rw-rw-} where it need not be looked at
 * @param permissions letters of {@code rwm} that the control group allows
 * @param uid owner in the container; null for the container's user
 * @param gid group in the container; null for the container's group
 */
public record DeviceNode(
        String path,
        String hostPath,
        String type,
        @Nullable Integer major,
        @Nullable Integer minor,
        @Nullable Integer mode,
        String permissions,
        @Nullable Long uid,
        @Nullable Long gid) {}
