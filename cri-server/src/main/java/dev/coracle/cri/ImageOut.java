package dev.coracle.cri;

import dev.coracle.image.Image;
import dev.coracle.image.ImageUsage;
import dev.coracle.proto.v1.FilesystemIdentifier;
import dev.coracle.proto.v1.FilesystemUsage;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.Int64Value;
import dev.coracle.proto.v1.UInt64Value;

/** Writes images. */
final class ImageOut {
    private ImageOut() {}

    static dev.coracle.proto.v1.Image write(Image image) {
        dev.coracle.proto.v1.Image.Builder written = dev.coracle.proto.v1.Image.newBuilder()
                .setId(image.id().toString())
                .addAllRepoTags(image.repoTags())
                .addAllRepoDigests(image.repoDigests())
                // A kubelet takes 0 for an error, and an image may have no files.
                .setSize(Math.max(1, image.size()))
                .setSpec(ImageSpec.newBuilder().setImage(image.id().toString()));
        addUser(written, image.config().user());
        return written.build();
    }

    /** The first half of {@code user:group}: a number as {@code uid}, anything else as {@code username}. */
    private static void addUser(dev.coracle.proto.v1.Image.Builder image, String user) {
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        if (name.isEmpty()) {
            return;
        }
        if (name.length() <= 10 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            image.setUid(Int64Value.newBuilder().setValue(Long.parseLong(name)));
        } else {
            image.setUsername(name);
        }
    }

    /** {@code timestamp} in ns since the epoch. */
    static FilesystemUsage usage(ImageUsage usage, long timestamp) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(timestamp)
                .setFsId(FilesystemIdentifier.newBuilder()
                        .setMountpoint(usage.mountpoint().toString()))
                .setUsedBytes(UInt64Value.newBuilder().setValue(usage.bytes()))
                .setInodesUsed(UInt64Value.newBuilder().setValue(usage.inodes()))
                .build();
    }
}
