package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.IDMapping;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.UserNamespace;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images as volumes: an image of three layers that replace and hide each other's files, and what is only a part of it. */
@DaemonTest
@CoracleOnly
final class ImageVolumeTest {
    private static final String NAME = TestImages.name("whiteouts:1");

    private static RunningPod pod(Rig rig) {
        return rig.run(Pods.named("image-volume").hostNetwork());
    }

    private static Consumer<Mount.Builder> image(String image, String subPath) {
        return m -> m.setHostPath("")
                .setReadonly(true)
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setImageSubPath(subPath);
    }

    private static Containers with(Rig rig, String image, String subPath) {
        return rig.idle().mount(Path.of("/"), "/v", image(image, subPath));
    }

    @Test
    @Field(
            value = "Mount.image_sub_path",
            does = "a directory or file of the image, links resolved inside it; a missing one is refused")
    @Field(
            value = "ImageSpec.image_ref",
            does = "of a volume, in a container's status: name and digest of the manifest")
    @Tag("vm")
    void showsWhatAContainerOfItWouldSee(Rig rig) {
        String id = rig.client().pull(NAME);
        RunningContainer container = pod(rig).start(with(rig, id, "")
                .mount(Path.of("/"), "/deep/er", image(id, "w/opaque"))
                .mount(Path.of("/"), "/etc/again", image(id, "w/again"))
                .mount(Path.of("/"), "/bare", m -> {
                    image(id, "").accept(m);
                    m.addMountOptions("noexec");
                }));
        assertThat(container.output("cat", "/v/w/kept", "/v/w/again", "/etc/again"))
                .isEqualTo("below\ntop\ntop\n");
        assertThat(container.exec("ls", "/v/w/gone").getExitCode()).isNotZero();
        assertThat(container.output("ls", "/deep/er")).isEqualTo("shown\n");
        assertThat(container.output("/v/bin/busybox", "echo", "runs")).isEqualTo("runs\n");
        assertThat(container.exec("sh", "-c", "/bare/bin/busybox true").getExitCode())
                .isEqualTo(126);
        for (String file : new String[] {"/v/new", "/deep/er/new"}) {
            assertThat(container.exec("touch", file).getStderr().toStringUtf8()).contains("Read-only file system");
        }
        Mount shown = container.status().getMountsList().stream()
                .filter(m -> m.getContainerPath().equals("/deep/er"))
                .findFirst()
                .orElseThrow();
        assertThat(shown.getImage().getImage()).isEqualTo(id);
        assertThat(shown.getImage().getImageRef()).contains("whiteouts@sha256:");
        assertThat(shown.getImageSubPath()).isEqualTo("w/opaque");
        assertThat(shown.getReadonly()).isTrue();
    }

    @Test
    @Tag("vm")
    void imageOfOneLayer(Rig rig) {
        RunningContainer container = pod(rig).start(with(rig, rig.client().pull(TestImages.name("pause:1")), ""));
        assertThat(container.output("find", "/v", "-type", "f")).isNotEmpty();
        assertThat(container.exec("touch", "/v/new").getExitCode()).isNotZero();
    }

    @Test
    @Field("Mount.image_sub_path")
    void whatIsNotThereIsRefusedInTheKubeletsWords(Rig rig) {
        String id = rig.client().pull(NAME);
        RunningPod pod = pod(rig);
        assertThat(Refused.anyhow(() -> pod.create(with(rig, id, "w/no-such"))))
                .startsWith("ImageVolumeMountFailed: ")
                .contains("w/no-such");
        assertThat(Refused.anyhow(() -> pod.create(with(rig, id, "w/kept/below-a-file"))))
                .startsWith("ImageVolumeMountFailed: ");
        assertThat(Refused.anyhow(() -> pod.create(with(rig, id, "w/" + "long".repeat(100)))))
                .startsWith("ImageVolumeMountFailed: ")
                .contains("ENAMETOOLONG");
        assertThat(Refused.anyhow(() -> pod.create(with(rig, TestImages.name("never-pulled:1"), ""))))
                .startsWith("ImageVolumeMountFailed: ")
                .contains("never-pulled");
        assertThat(Refused.with(Status.Code.INVALID_ARGUMENT, () -> pod.create(with(rig, id, "../w"))))
                .contains("image_sub_path");
        assertThat(Refused.with(
                        Status.Code.INVALID_ARGUMENT,
                        () -> pod.create(rig.idle()
                                .mount(
                                        Path.of("/tmp"),
                                        "/v",
                                        m -> m.setReadonly(true)
                                                .setImage(ImageSpec.newBuilder().setImage(id))))))
                .contains("host_path");
    }

    @Test
    void staysWhileItIsUsedAlsoOverARestart(Rig rig) {
        String id = rig.client().pull(NAME);
        RunningPod pod = pod(rig);
        RunningContainer running = pod.start(with(rig, NAME, "w"));
        RunningContainer created = pod.create(with(rig, NAME, "w/dir").named("created"));
        var _ = rig.client()
                .images()
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(id))
                        .build());
        rig.daemon().kill();
        rig.startDaemon();
        assertThat(running.output("cat", "/v/again")).isEqualTo("top\n");
        created.start();
        assertThat(created.output("ls", "/v")).isEmpty();
        assertThat(created.status().getMounts(0).getImage().getImageRef()).contains("whiteouts@sha256:");
        assertThat(Refused.anyhow(() -> pod.create(with(rig, NAME, "").named("later"))))
                .startsWith("ImageVolumeMountFailed: ");
    }

    @Test
    void withTheIdsOfAPodOfItsOwnNamespace(Rig rig) {
        assumeTrue(
                rig.client()
                        .runtime()
                        .status(StatusRequest.getDefaultInstance())
                        .getRuntimeHandlers(0)
                        .getFeatures()
                        .getUserNamespaces(),
                "this kernel cannot map the ids of a tmpfs: user namespaces are refused");
        IDMapping range =
                IDMapping.newBuilder().setHostId(100_000).setLength(65_536).build();
        String id = rig.client().pull(NAME);
        RunningContainer container = rig.run(Pods.named("image-volume-userns")
                        .userNamespace(UserNamespace.newBuilder()
                                .setMode(NamespaceMode.POD)
                                .addUids(range)
                                .addGids(range)))
                .start(with(rig, id, "")
                        .mount(Path.of("/"), "/part", image(id, "home/app"))
                        .mount(Path.of("/"), "/one", image(rig.client().pull(TestImages.name("pause:1")), "")));
        assertThat(container.output("stat", "-c", "%u", "/v", "/v/bin/busybox", "/v/home/app", "/part", "/one"))
                .isEqualTo("0\n0\n1000\n1000\n0\n");
        assertThat(container.output("cat", "/v/w/again")).isEqualTo("top\n");
        assertThat(container.exec("touch", "/v/new").getExitCode()).isNotZero();
    }
}
