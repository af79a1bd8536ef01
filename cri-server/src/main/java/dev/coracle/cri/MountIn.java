package dev.coracle.cri;

import dev.coracle.proto.v1.Mount;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code Mount}. */
final class MountIn {
    private static final Set<String> OPTIONS = Set.of("noexec", "nodev", "nosuid");

    private MountIn() {}

    static List<MountSpec> read(List<Mount> mounts, FieldPath at) {
        List<MountSpec> read = new ArrayList<>(mounts.size());
        for (int i = 0; i < mounts.size(); i++) {
            read.add(read(mounts.get(i), at.at(i)));
        }
        return read;
    }

    private static MountSpec read(Mount mount, FieldPath at) {
        ImageVolume image = image(mount, at);
        return new MountSpec(
                at.dot("container_path").absolute(mount.getContainerPath()),
                image == null ? at.dot("host_path").absolute(mount.getHostPath()) : "",
                mount.getReadonly() || image != null,
                recursiveReadonly(mount, at.dot("recursive_read_only")),
                propagation(mount, at.dot("propagation")),
                mount.getSelinuxRelabel(),
                NamespacesIn.idMappings(mount.getUidMappingsList(), at.dot("uidMappings")),
                NamespacesIn.idMappings(mount.getGidMappingsList(), at.dot("gidMappings")),
                image,
                options(mount.getMountOptionsList(), at.dot("mount_options")),
                false);
    }

    /**
     * The contract sends an image volume as a mount without a host path; a message without an image's name is none. A kubelet sets
     * image_sub_path on every mount that its pod wants with a subPath, and puts that into host_path where there is no image.
     */
    private static @Nullable ImageVolume image(Mount mount, FieldPath at) {
        if (mount.getImage().getImage().isEmpty()) {
            return null;
        }
        if (!mount.getHostPath().isEmpty()) {
            throw at.dot("host_path").invalid("given together with image");
        }
        return new ImageVolume(
                at.dot("image").dot("image").text(mount.getImage().getImage()),
                at.dot("image_sub_path").relativeOrEmpty(mount.getImageSubPath()));
    }

    private static boolean recursiveReadonly(Mount mount, FieldPath at) {
        if (mount.getRecursiveReadOnly() && !mount.getReadonly()) {
            throw at.invalid("needs readonly");
        }
        if (mount.getRecursiveReadOnly()
                && mount.getPropagationValue() != dev.coracle.proto.v1.MountPropagation.PROPAGATION_PRIVATE_VALUE) {
            throw at.invalid("needs PROPAGATION_PRIVATE: mounts that arrive later would be writable");
        }
        return mount.getRecursiveReadOnly();
    }

    private static Propagation propagation(Mount mount, FieldPath at) {
        return switch (mount.getPropagation()) {
            case PROPAGATION_PRIVATE -> Propagation.PRIVATE;
            case PROPAGATION_HOST_TO_CONTAINER -> Propagation.HOST_TO_CONTAINER;
            case PROPAGATION_BIDIRECTIONAL -> Propagation.BIDIRECTIONAL;
            case UNRECOGNIZED -> throw at.invalid("unknown: " + mount.getPropagationValue());
        };
    }

    private static List<String> options(List<String> options, FieldPath at) {
        for (int i = 0; i < options.size(); i++) {
            if (!OPTIONS.contains(options.get(i))) {
                throw at.at(i).invalid("not one of noexec, nodev, nosuid: " + at.text(options.get(i)));
            }
        }
        return options;
    }
}
