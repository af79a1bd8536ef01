package dev.coracle.cri;

import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.MountPropagation;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import dev.coracle.state.VolumeImage;
import java.util.Iterator;
import java.util.List;

/** Writes {@code Mount}, as a container's status shows it. */
final class MountOut {
    private MountOut() {}

    /** {@code images} are those of the mounts that name one, in their order. */
    static List<Mount> write(List<MountSpec> mounts, List<VolumeImage> images) {
        Iterator<VolumeImage> each = images.iterator();
        return mounts.stream()
                .map(mount -> write(
                        mount,
                        mount.image() != null && each.hasNext() ? each.next().reference() : ""))
                .toList();
    }

    private static Mount write(MountSpec mount, String imageRef) {
        Mount.Builder written = Mount.newBuilder()
                .setContainerPath(mount.containerPath())
                .setHostPath(mount.hostPath())
                .setReadonly(mount.readonly())
                .setRecursiveReadOnly(mount.recursiveReadonly())
                .setPropagation(propagation(mount.propagation()))
                .setSelinuxRelabel(mount.selinuxRelabel())
                .addAllUidMappings(NamespacesOut.idMappings(mount.uidMappings()))
                .addAllGidMappings(NamespacesOut.idMappings(mount.gidMappings()))
                .addAllMountOptions(mount.options());
        if (mount.image() != null) {
            written.setImage(
                    ImageSpec.newBuilder().setImage(mount.image().image()).setImageRef(imageRef));
            written.setImageSubPath(mount.image().subPath());
        }
        return written.build();
    }

    static MountPropagation propagation(Propagation propagation) {
        return switch (propagation) {
            case PRIVATE -> MountPropagation.PROPAGATION_PRIVATE;
            case HOST_TO_CONTAINER -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case BIDIRECTIONAL -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
        };
    }
}
