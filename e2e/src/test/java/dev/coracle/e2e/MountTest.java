package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.MountPropagation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Volumes: files and folders of the node, and which mounts are seen where. */
@DaemonTest
final class MountTest {

    @Test
    @Field(value = "Mount.readonly", does = "the mount is read-only; what is mounted below it is not")
    @Field(value = "Mount.host_path", does = "must be there; symbolic links are followed on the node")
    @Field(
            value = "Mount.container_path",
            does = "made inside the root where it is missing, links resolved inside; in place of a default mount of"
                    + " the same path")
    void foldersAndFilesReadOnlyAndNot(Rig rig) throws IOException {
        Path folder = rig.folder("volume");
        Path file = Files.writeString(folder.resolve("file"), "from outside\n");
        RunningContainer container = rig.run(Pods.named("volumes").hostNetwork())
                .start(rig.idle()
                        .mount(folder, "/rw")
                        .mount(folder, "/ro", m -> m.setReadonly(true))
                        .mount(file, "/etc/single")
                        .mount(folder, "/deep/in/new/folders"));
        assertThat(container.output("cat", "/rw/file", "/ro/file", "/etc/single", "/deep/in/new/folders/file"))
                .isEqualTo("from outside\n".repeat(4));
        assertThat(container.exec("touch", "/rw/new").getExitCode()).isZero();
        assertThat(folder.resolve("new")).exists();
        assertThat(container.exec("touch", "/ro/new2").getExitCode()).isEqualTo(1);
    }

    @Test
    void mountsAreMadeInTheOrderOfDepth(Rig rig) throws IOException {
        Path outer = rig.folder("outer");
        Path inner = rig.folder("inner");
        Files.createDirectory(outer.resolve("sub"));
        Files.writeString(inner.resolve("mark"), "inner\n");
        RunningContainer container = rig.run(Pods.named("order").hostNetwork())
                .start(rig.idle().mount(inner, "/v/sub").mount(outer, "/v"));
        assertThat(container.output("cat", "/v/sub/mark")).isEqualTo("inner\n");
    }

    @Test
    void linksInTheImageDoNotLeadOut(Rig rig) throws IOException {
        Path secret = rig.folder("secret");
        Files.writeString(secret.resolve("mark"), "volume\n");
        RunningContainer container =
                rig.run(Pods.named("links").hostNetwork()).start(rig.idle().mount(secret, "/var/run/deep/er"));
        assertThat(container.output("cat", "/run/deep/er/mark")).isEqualTo("volume\n");
        assertThat(rig.node().inside("/run/deep")).doesNotExist();
    }

    @Test
    void mountOverAFileOfTheRuntime(Rig rig) throws IOException {
        Path hosts = Files.writeString(rig.folder("hosts").resolve("hosts"), "192.0.2.1 given\n");
        RunningContainer container =
                rig.run(Pods.named("etc-hosts").hostNetwork()).start(rig.idle().mount(hosts, "/etc/hosts"));
        assertThat(container.output("cat", "/etc/hosts")).isEqualTo("192.0.2.1 given\n");
    }

    /** Each mode in turn: is a later mount of the node seen inside, and one made inside seen on the node? */
    private static void propagation(Rig rig, MountPropagation mode, boolean inward, boolean outward) {
        Path shared = rig.folder("shared");
        rig.node().command("mkdir", shared + "/a", shared + "/b").text();
        rig.node()
                .command("mount", "--bind", shared.toString(), shared.toString())
                .text();
        rig.node().command("mount", "--make-shared", shared.toString()).text();
        try {
            RunningContainer container = rig.run(
                            Pods.named("propagation").hostNetwork().privileged())
                    .start(rig.idle().privileged().mount(shared, "/shared", m -> m.setPropagation(mode)));
            rig.node()
                    .command("mount", "-t", "tmpfs", "-o", "size=77k", "outside", shared + "/a")
                    .text();
            assertThat(container.output("cat", "/proc/self/mountinfo").contains(" /shared/a "))
                    .as("a mount of the node is seen inside")
                    .isEqualTo(inward);
            container.output("mount", "-t", "tmpfs", "-o", "size=78k", "inside", "/shared/b");
            String outside = rig.node().command("cat", "/proc/self/mountinfo").text();
            assertThat(outside.contains(shared + "/b "))
                    .as("a mount made inside is seen on the node")
                    .isEqualTo(outward);
            rig.removeAllPods();
        } finally {
            var _ = rig.node().command("umount", shared + "/b");
            var _ = rig.node().command("umount", shared + "/a");
            rig.node().command("umount", shared.toString()).text();
        }
    }

    @Test
    @Tag("vm")
    void privateVolume(Rig rig) {
        propagation(rig, MountPropagation.PROPAGATION_PRIVATE, false, false);
    }

    @Test
    @Tag("vm")
    @Field(
            value = "Mount.propagation",
            does = "PRIVATE: rprivate; HOST_TO_CONTAINER: rslave; BIDIRECTIONAL: rshared; a source that is not shared"
                    + " is refused")
    void hostToContainerVolume(Rig rig) {
        propagation(rig, MountPropagation.PROPAGATION_HOST_TO_CONTAINER, true, false);
    }

    @Test
    @Tag("vm")
    @Field("Mount.propagation")
    void bidirectionalVolume(Rig rig) {
        propagation(rig, MountPropagation.PROPAGATION_BIDIRECTIONAL, true, true);
    }

    @Test
    void sourceThatIsNotSharedIsRefused(Rig rig) {
        Path folder = rig.folder("not-shared");
        rig.node().command("mount", "-t", "tmpfs", "own", folder.toString()).text();
        rig.node().command("mount", "--make-private", folder.toString()).text();
        try {
            RunningPod pod = rig.run(Pods.named("not-shared").hostNetwork().privileged());
            String message = Refused.anyhow(() -> pod.start(rig.idle()
                    .privileged()
                    .mount(folder, "/v", m -> m.setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))));
            assertThat(message).contains(folder.toString()).contains("shared");
        } finally {
            rig.node().command("umount", folder.toString()).text();
        }
    }

    @Test
    void whatIsMountedBelowComesAlong(Rig rig) {
        Path folder = rig.folder("below");
        rig.node().command("mkdir", folder + "/sub").text();
        rig.node().command("mount", "-t", "tmpfs", "sub", folder + "/sub").text();
        try {
            rig.node().command("touch", folder + "/sub/mark").text();
            RunningContainer container =
                    rig.run(Pods.named("below").hostNetwork()).start(rig.idle().mount(folder, "/v"));
            assertThat(container.exec("ls", "/v/sub/mark").getExitCode()).isZero();
            rig.removeAllPods();
        } finally {
            rig.node().command("umount", folder + "/sub").text();
        }
    }
}
