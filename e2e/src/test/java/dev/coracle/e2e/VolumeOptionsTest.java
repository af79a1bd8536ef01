package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.MountPropagation;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.StatusResponse;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What volumes are mounted with: options, read-only all the way down, and what is refused. */
@DaemonTest
@CoracleOnly
final class VolumeOptionsTest {

    private static RunningPod pod(Rig rig) {
        return rig.run(Pods.named("volume-options").hostNetwork());
    }

    /** The options of the mount at this path, as the container sees them. */
    private static List<String> optionsOf(RunningContainer container, String path) {
        String line = container
                .output("cat", "/proc/self/mountinfo")
                .lines()
                .filter(l -> l.split(" ", -1)[4].equals(path))
                .reduce((_, last) -> last)
                .orElseThrow();
        return List.of(line.split(" ", -1)[5].split(",", -1));
    }

    private static String refusal(Rig rig, Path host, Consumer<Mount.Builder> change) {
        RunningPod pod = pod(rig);
        String message = Refused.with(
                Status.Code.INVALID_ARGUMENT, () -> pod.create(rig.idle().mount(host, "/v", change)));
        assertThat(pod.client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList())
                .isEmpty();
        return message;
    }

    @Test
    @Field(
            value = "Mount.mount_options",
            does = "noexec, nodev and nosuid of the volume's own mount; another option is refused")
    @Tag("vm")
    void mountOptionsHoldAndAreShown(Rig rig) throws IOException {
        Path folder = rig.folder("options");
        Path program = Files.writeString(folder.resolve("program"), "#!/bin/sh\necho ran\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        RunningContainer container = pod(rig).start(rig.idle()
                .mount(folder, "/plain")
                .mount(
                        folder,
                        "/bare",
                        m -> m.addMountOptions("noexec")
                                .addMountOptions("nodev")
                                .addMountOptions("nosuid")));
        assertThat(optionsOf(container, "/bare")).contains("noexec", "nodev", "nosuid", "rw");
        assertThat(optionsOf(container, "/plain")).doesNotContain("noexec");
        assertThat(container.output("/plain/program")).isEqualTo("ran\n");
        assertThat(container.exec("sh", "-c", "/bare/program").getExitCode()).isEqualTo(126);
        assertThat(container.status().getMountsList())
                .filteredOn(m -> m.getContainerPath().equals("/bare"))
                .singleElement()
                .satisfies(m ->
                        assertThat(m.getMountOptionsList()).containsExactlyInAnyOrder("noexec", "nodev", "nosuid"));
    }

    @Test
    @Field("Mount.mount_options")
    void otherMountOptionsAreRefused(Rig rig) {
        assertThat(refusal(rig, rig.folder("v"), m -> m.addMountOptions("noatime")))
                .contains("mount_options[0]")
                .contains("noatime");
    }

    @Test
    @Field(
            value = "Mount.recursive_read_only",
            does = "read-only with all mounts below; refused without readonly or with a propagation other than PRIVATE")
    @Tag("vm")
    void recursivelyReadOnly(Rig rig) {
        Path folder = rig.folder("rro");
        rig.node().command("mkdir", folder + "/sub").text();
        rig.node().command("mount", "-t", "tmpfs", "sub", folder + "/sub").text();
        try {
            RunningContainer container = pod(rig).start(rig.idle()
                    .mount(folder, "/ro", m -> m.setReadonly(true))
                    .mount(folder, "/rro", m -> m.setReadonly(true).setRecursiveReadOnly(true)));
            assertThat(container.exec("touch", "/ro/file").getExitCode()).isNotZero();
            assertThat(container.exec("touch", "/ro/sub/file").getExitCode()).isZero();
            assertThat(container.exec("touch", "/rro/file").getExitCode()).isNotZero();
            assertThat(container.exec("touch", "/rro/sub/file2").getExitCode()).isNotZero();
            assertThat(container.status().getMountsList())
                    .extracting(Mount::getContainerPath, Mount::getRecursiveReadOnly)
                    .contains(tuple("/ro", false), tuple("/rro", true));
            rig.removeAllPods();
        } finally {
            rig.node().command("umount", folder + "/sub").text();
        }
    }

    @Test
    @Field("Mount.recursive_read_only")
    void recursivelyReadOnlyIsRefusedWhereItCannotHold(Rig rig) {
        Path folder = rig.folder("rro");
        assertThat(refusal(rig, folder, m -> m.setRecursiveReadOnly(true))).contains("recursive_read_only");
        assertThat(refusal(
                        rig,
                        folder,
                        m -> m.setReadonly(true)
                                .setRecursiveReadOnly(true)
                                .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)))
                .contains("recursive_read_only");
    }

    @Test
    @Field("Mount.host_path")
    void missingSourceIsAnErrorAndStaysMissing(Rig rig) throws IOException {
        Path folder = rig.folder("missing");
        assertThat(refusal(rig, folder.resolve("not-there"), m -> {})).contains("host_path", "not-there");
        assertThat(folder.resolve("not-there")).doesNotExist();
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        assertThat(refusal(rig, dangling, m -> {})).contains("host_path");
        assertThat(folder.resolve("nowhere")).doesNotExist();
    }

    @Test
    void linksOfTheHostAreFollowed(Rig rig) throws IOException {
        Path folder = rig.folder("links");
        Files.writeString(Files.createDirectory(folder.resolve("real")).resolve("mark"), "real\n");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
        RunningContainer container = pod(rig).start(rig.idle().mount(link, "/v"));
        assertThat(container.output("cat", "/v/mark")).isEqualTo("real\n");
    }

    @Test
    void volumesTakeThePlaceOfWhatEveryContainerHas(Rig rig) throws IOException {
        Path folder = rig.folder("in-place");
        Files.writeString(folder.resolve("mark"), "volume\n");
        RunningContainer container = pod(rig).start(rig.idle().mount(folder, "/dev/shm"));
        assertThat(container.output("cat", "/dev/shm/mark")).isEqualTo("volume\n");
        assertThat(container
                        .output("cat", "/proc/self/mountinfo")
                        .lines()
                        .filter(l -> l.split(" ", -1)[4].equals("/dev/shm")))
                .hasSize(1);
    }

    @Test
    @Field(value = "RuntimeFeatures.mount_options", does = "true from Linux 5.12 on")
    @Field(value = "RuntimeFeatures.supplemental_groups_policy", does = "true")
    @Field(value = "RuntimeHandlerFeatures.recursive_read_only_mounts", does = "true from Linux 5.12 on")
    void statusSaysSo(Rig rig) {
        StatusResponse status = rig.client().runtime().status(StatusRequest.getDefaultInstance());
        assertThat(status.getFeatures().getMountOptions()).isTrue();
        assertThat(status.getFeatures().getSupplementalGroupsPolicy()).isTrue();
        assertThat(status.getRuntimeHandlersList())
                .allSatisfy(h ->
                        assertThat(h.getFeatures().getRecursiveReadOnlyMounts()).isTrue());
    }
}
