package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.FilesystemUsage;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageFilter;
import dev.coracle.proto.v1.ImageFsInfoRequest;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ImageStatusRequest;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.StreamImagesRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The image service: pull, list, status, remove. */
@DaemonTest
final class ImageTest {

    private static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }

    private static void remove(Rig rig, String image) {
        var _ = rig.client()
                .images()
                .removeImage(
                        RemoveImageRequest.newBuilder().setImage(spec(image)).build());
    }

    private static boolean present(Rig rig, String image) {
        return status(rig, image).hasImage();
    }

    private static dev.coracle.proto.v1.ImageStatusResponse status(Rig rig, String image) {
        return rig.client()
                .images()
                .imageStatus(
                        ImageStatusRequest.newBuilder().setImage(spec(image)).build());
    }

    private static List<Image> list(Rig rig) {
        return rig.client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList();
    }

    @Test
    @Field(value = "Image.id", does = "digest of the image's configuration")
    @Field(value = "Image.repo_tags", does = "the tags it was pulled by")
    @Field(value = "Image.repo_digests", does = "the repositories' digests it was pulled by")
    @Field(value = "Image.size", does = "bytes that its layers take on disk")
    @Field(value = "ImageSpec.image", does = "tag, digest, both, or id")
    void pullByTagThenStatusThenRemove(Rig rig) {
        String name = TestImages.name("config:env");
        remove(rig, name); // another test may have pulled it
        assertThat(present(rig, name)).isFalse();
        String id = rig.client().pull(name);
        Image image = status(rig, name).getImage();
        assertThat(image.getId()).isEqualTo(id);
        assertThat(image.getRepoTagsList()).containsExactly(name);
        assertThat(image.getRepoDigestsList()).hasSize(1).allMatch(d -> d.startsWith("127.0.0.1:5000/config@sha256:"));
        assertThat(image.getSize()).isPositive();
        assertThat(status(rig, id).getImage()).isEqualTo(image);
        assertThat(list(rig)).contains(image);
        assertThat(rig.client().pull(name)).isEqualTo(id);
        remove(rig, name);
        assertThat(present(rig, name)).isFalse();
        assertThat(present(rig, id)).isFalse();
        remove(rig, name);
    }

    @Test
    @CoracleOnly
    @Field(value = "ImageStatusRequest.verbose", does = "the image's configuration, under info.imageSpec")
    @Field(value = "ImageSpec.annotations", does = "ignored: an image is found by its name alone")
    @Field(value = "ImageSpec.image_ref", does = "ignored: runtimes set it in answers")
    void hintsDoNotMatterAndVerboseShowsTheConfiguration(Rig rig) {
        ImageSpec hinted = spec(TestImages.BUSYBOX).toBuilder()
                .putAnnotations("a", "b")
                .setImageRef("sha256:0000")
                .build();
        String id = rig.client()
                .images()
                .pullImage(PullImageRequest.newBuilder().setImage(hinted).build())
                .getImageRef();
        ImageStatusRequest request = ImageStatusRequest.newBuilder()
                .setImage(hinted)
                .setVerbose(true)
                .build();
        var status = rig.client().images().imageStatus(request);
        assertThat(status.getImage().getId()).isEqualTo(id);
        assertThat(status.getImage().getPinned()).isFalse();
        assertThat(status.getInfoOrDefault("info", ""))
                .contains("\"imageSpec\":{")
                .contains("\"rootfs\"");
    }

    @Test
    void pullByDigest(Rig rig) {
        String tagged = TestImages.name("config:labels");
        String id = rig.client().pull(tagged);
        String digest = status(rig, tagged).getImage().getRepoDigests(0);
        remove(rig, id);
        assertThat(rig.client().pull(digest)).isEqualTo(id);
        assertThat(status(rig, digest).getImage().getRepoTagsList()).isEmpty();
        String both = tagged + "@" + digest.split("@", 2)[1];
        assertThat(rig.client().pull(both)).isEqualTo(id);
        remove(rig, id);
        assertThat(present(rig, digest)).isFalse();
    }

    @Test
    @Field(value = "Image.uid", does = "of the configuration's User, where it is a number")
    @Field(value = "Image.username", does = "of the configuration's User, where it is a name")
    void twoTagsOfOneImageAreOneEntry(Rig rig) {
        String id = rig.client().pull(TestImages.name("user:uid"));
        assertThat(list(rig).stream().filter(i -> i.getId().equals(id))).hasSize(1);
        assertThat(status(rig, id).getImage().getUid().getValue()).isEqualTo(1000);
        String named = rig.client().pull(TestImages.name("user:name-group"));
        assertThat(status(rig, named).getImage().getUsername()).isEqualTo("app");
        remove(rig, id);
        remove(rig, named);
    }

    @Test
    @CoracleOnly
    void listIsFilteredByName(Rig rig) {
        String id = rig.client().pull(TestImages.BUSYBOX);
        String other = rig.client().pull(TestImages.name("pause:1"));
        assertThat(list(rig)).extracting(Image::getId).contains(id, other);
        for (String name : List.of(TestImages.BUSYBOX, id)) {
            ImageFilter filter = ImageFilter.newBuilder().setImage(spec(name)).build();
            assertThat(rig.client()
                            .images()
                            .listImages(ListImagesRequest.newBuilder()
                                    .setFilter(filter)
                                    .build())
                            .getImagesList())
                    .extracting(Image::getId)
                    .containsExactly(id);
            assertThat(rig.client()
                            .images()
                            .streamImages(StreamImagesRequest.newBuilder()
                                    .setFilter(filter)
                                    .build())
                            .next()
                            .getImagesList())
                    .extracting(Image::getId)
                    .containsExactly(id);
        }
        ImageFilter absent = ImageFilter.newBuilder()
                .setImage(spec(TestImages.name("never-pulled:1")))
                .build();
        assertThat(rig.client()
                        .images()
                        .listImages(
                                ListImagesRequest.newBuilder().setFilter(absent).build())
                        .getImagesList())
                .isEmpty();
    }

    @Test
    void platformOfThisMachineIsTaken(Rig rig) {
        RunningContainer container = rig.run(Pods.named("platform").hostNetwork())
                .start(rig.container("platforms:1").command("/t/pause"));
        assertThat(container.output("cat", "/platform")).isEqualTo("linux/amd64\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"busybox:zstd", "busybox:tar"})
    void otherCompressions(String image, Rig rig) {
        RunningContainer container = rig.run(Pods.named("compression").hostNetwork())
                .start(rig.container(image).command("/t/pause"));
        assertThat(container.output("cat", "/etc/passwd")).contains("app:x:1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"never-pushed:1", "busybox:no-such-tag"})
    void whatIsNotInTheRegistryIsAnErrorThatNamesIt(String image, Rig rig) {
        String name = TestImages.name(image);
        assertThat(Refused.anyhow(() -> rig.client().pull(name))).contains(name);
        assertThat(present(rig, name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"broken:diff-id", "broken:layer-count", "broken:not-gzip"})
    void imagesThatLieAreRefused(String image, Rig rig) {
        String name = TestImages.name(image);
        int before = list(rig).size();
        Refused.anyhow(() -> rig.client().pull(name));
        assertThat(present(rig, name)).isFalse();
        assertThat(list(rig)).hasSize(before);
    }

    @Test
    void imageInUseMayBeRemovedWithoutHarmToTheContainer(Rig rig) {
        RunningContainer container = rig.run(Pods.named("in-use").hostNetwork())
                .start(rig.container("implied:1").command("/t/pause"));
        remove(rig, TestImages.name("implied:1"));
        assertThat(container.output("cat", "/tmp/a")).isEqualTo("a\n");
        assertThat(container.output("/bin/busybox", "echo", "runs")).isEqualTo("runs\n");
    }

    @Test
    @Field(value = "FilesystemUsage.timestamp", does = "when it was measured")
    @Field(value = "FilesystemUsage.used_bytes", does = "of the layers' files")
    @Field(value = "FilesystemUsage.inodes_used", does = "of the layers' files")
    void fileSystemInfoIsOfTheStore(Rig rig) {
        rig.client().pull(TestImages.BUSYBOX);
        FilesystemUsage usage = rig.client()
                .images()
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0);
        assertThat(Files.isDirectory(Path.of(usage.getFsId().getMountpoint()))).isTrue();
        assertThat(usage.getTimestamp()).isPositive();
        if (rig.isCoracle()) {
            assertThat(usage.getUsedBytes().getValue()).isGreaterThan(1 << 20);
            assertThat(usage.getInodesUsed().getValue()).isPositive();
        }
    }

    @Test
    void manyPullsOfOneImageAtOnce(Rig rig) throws InterruptedException {
        String name = TestImages.name("layers:60");
        var ids = java.util.concurrent.ConcurrentHashMap.<String>newKeySet();
        var pulls = java.util.stream.IntStream.range(0, 6)
                .mapToObj(i ->
                        Thread.startVirtualThread(() -> ids.add(rig.client().pull(name))))
                .toList();
        for (Thread pull : pulls) {
            pull.join();
        }
        assertThat(ids).hasSize(1);
        remove(rig, name);
    }
}
