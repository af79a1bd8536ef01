package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Contract;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an image says of itself (command, user, folder, environment, volumes) and how a request overrides it. */
@DaemonTest
final class ImageConfigTest {

    /** What show prints, of a container with this request. */
    private static String shown(Rig rig, Containers container) {
        RunningContainer started = rig.run(Pods.named("config").hostNetwork()).start(container);
        ContainerStatus status = started.awaitExit();
        assertThat(status.getExitCode()).as(started.log().stderr()).isZero();
        return "\n" + started.log().stdout();
    }

    private static Containers show(Rig rig, String image) {
        return rig.container(image).command("/t/show");
    }

    private static List<String> arguments(String shown) {
        return shown.lines()
                .filter(l -> l.startsWith("arg."))
                .map(l -> l.split(" ", 2)[1])
                .toList();
    }

    @Test
    @Field(value = "ContainerConfig.command", does = "in place of the image's Entrypoint, whose Cmd is then dropped")
    @Field(value = "ContainerConfig.args", does = "in place of the image's Cmd")
    void entrypointAndCommand(Rig rig) {
        String image = "config:entrypoint";
        assertThat(arguments(shown(rig, rig.container(image)))).containsExactly("/t/show", "fixed", "one", "two");
        assertThat(arguments(shown(rig, rig.container(image).args("three"))))
                .containsExactly("/t/show", "fixed", "three");
        assertThat(arguments(shown(rig, rig.container(image).command("/t/show"))))
                .containsExactly("/t/show");
        assertThat(arguments(shown(rig, rig.container(image).command("/t/show").args("a b", "$HOME"))))
                .containsExactly("/t/show", "a b", "$HOME");
    }

    @Test
    @CoracleOnly
    @Field(
            value = "ImageSpec.user_specified_image",
            does = "shown in lists and statuses in place of the id that is run")
    void nameThatTheUserWroteIsShown(Rig rig) {
        RunningPod pod = rig.run(Pods.named("named").hostNetwork());
        RunningContainer container = pod.create(rig.idle()
                .in(pod.config(), c -> Contract.text(c, "image { user_specified_image: 'example.com/as/written:1' }")));
        ContainerStatus status = container.status();
        assertThat(status.getImage().getImage()).isEqualTo("example.com/as/written:1");
        assertThat(status.getImage().getUserSpecifiedImage()).isEqualTo("example.com/as/written:1");
        assertThat(status.getImageId()).startsWith("sha256:");
    }

    @Test
    void programIsFoundAlongPath(Rig rig) {
        String shown = shown(rig, rig.container("busybox:1").command("show").env("PATH", "/no/where:/t:/bin"));
        assertThat(arguments(shown)).containsExactly("show");
    }

    @Test
    @Field(
            value = "ContainerConfig.working_dir",
            does = "before that of the image; made inside the root where it is missing")
    void workingDirectory(Rig rig) {
        assertThat(shown(rig, show(rig, "busybox:1"))).contains("\ncwd /\n");
        assertThat(shown(rig, show(rig, "config:workdir"))).contains("\ncwd /made/by/runtime\n");
        assertThat(shown(rig, show(rig, "config:workdir").workingDir("/home/app")))
                .contains("\ncwd /home/app\n");
        assertThat(shown(rig, show(rig, "busybox:1").workingDir("/new/one"))).contains("\ncwd /new/one\n");
    }

    @Test
    @Field(value = "KeyValue.key", does = "empty, or one with '=', is refused")
    @Field(
            value = "KeyValue.value",
            does = "after the image's variables, in place of those of the same name; must be UTF-8")
    void environment(Rig rig) {
        String shown = shown(rig, show(rig, "config:env").env("BOTH", "request").env("MORE", "x=y z"));
        assertThat(shown)
                .contains("\nenv FROM_IMAGE=yes\n")
                .contains("\nenv EMPTY=\n")
                .contains("\nenv BOTH=request\n")
                .contains("\nenv MORE=x=y z\n")
                .contains("\nenv PATH=/usr/local/sbin")
                .contains("\nenv HOSTNAME=")
                .doesNotContain("BOTH=image")
                .doesNotContain("JAVA_HOME");
        assertThat(shown(rig, show(rig, "config:no-path")))
                .contains("\nenv ONLY=this\n")
                .contains("\nenv PATH=/");
    }

    private static void hasIds(String shown, String uid, String gid, String groups) {
        assertThat(shown)
                .containsPattern("\nstatus Uid:\\s" + uid + "\\s")
                .containsPattern("\nstatus Gid:\\s" + gid + "\\s")
                .containsPattern("\nstatus Groups:\\s*" + groups + "\\s*\n");
    }

    @Test
    void userOfTheImage(Rig rig) {
        hasIds(shown(rig, show(rig, "busybox:1")), "0", "0", "0");
        hasIds(shown(rig, show(rig, "user:uid")), "1000", "1000", rig.isCoracle() ? "1000 2000 2001" : "1000.*");
        hasIds(shown(rig, show(rig, "user:name")), "1000", "1000", rig.isCoracle() ? "1000 2000 2001" : "1000.*");
        hasIds(shown(rig, show(rig, "user:uid-gid")), "1000", "2000", "[0-9 ]*2000[0-9 ]*");
        hasIds(shown(rig, show(rig, "user:name-group")), "1000", "2000", "[0-9 ]*2000[0-9 ]*");
        hasIds(shown(rig, show(rig, "user:unknown-uid")), "54321", "0", "0");
    }

    @Test
    void unknownNamesAreErrors(Rig rig) {
        for (String image : List.of("user:unknown-name", "user:unknown-group")) {
            String message = Refused.anyhow(
                    () -> rig.run(Pods.named("ghost").hostNetwork()).start(show(rig, image)));
            assertThat(message).contains(rig.isCoracle() ? "ghost" : "");
        }
    }

    @Test
    @Field(value = "LinuxContainerSecurityContext.run_as_user", does = "before run_as_username and the image's user")
    @Field(
            value = "LinuxContainerSecurityContext.run_as_username",
            does = "looked up in the image's own /etc/passwd; unknown is refused")
    @Field(
            value = "LinuxContainerSecurityContext.run_as_group",
            does = "before the user's own group; without a user it is refused")
    @Field(value = "LinuxContainerSecurityContext.supplemental_groups", does = "added to the groups of the user")
    void userOfTheRequest(Rig rig) {
        hasIds(shown(rig, show(rig, "user:name").user(33, 44)), "33", "44", "44");
        String byName = shown(rig, show(rig, "busybox:1").security(s -> s.setRunAsUsername("app")));
        hasIds(byName, "1000", "1000", "1000 2000 2001");
        hasIds(
                shown(rig, show(rig, "busybox:1").user(33, 44).security(s -> s.setRunAsUsername("app"))),
                "33",
                "44",
                "44");
        assertThat(Refused.anyhow(() -> rig.run(Pods.named("ghost").hostNetwork())
                        .start(show(rig, "busybox:1").security(s -> s.setRunAsUsername("ghost")))))
                .contains("ghost");
        String more = shown(rig, show(rig, "busybox:1").user(1000, 1000).security(s -> s.addSupplementalGroups(777)));
        assertThat(more).containsPattern("\nstatus Groups:\\s.*777");
    }

    @Test
    void homeIsTheUsers(Rig rig) {
        assertThat(shown(rig, show(rig, "user:name"))).contains("\nenv HOME=/home/app\n");
        assertThat(shown(rig, show(rig, "busybox:1"))).contains("\nenv HOME=/root\n");
        if (rig.isCoracle()) {
            assertThat(shown(rig, show(rig, "user:unknown-uid"))).contains("\nenv HOME=/\n");
        }
    }

    @Test
    @Field(
            value = "LinuxContainerSecurityContext.readonly_rootfs",
            does = "the root is mounted read-only; volumes stay as they are")
    void volumesAreWritableEvenOnAReadOnlyRoot(Rig rig) {
        RunningPod pod = rig.run(Pods.named("volumes").hostNetwork());
        RunningContainer container = pod.start(readonly(rig));
        assertThat(container.exec("touch", "/data/file").getExitCode()).isZero();
        assertThat(container.exec("touch", "/file", "/etc/file").getExitCode()).isEqualTo(1);
        assertThat(container.output("stat", "-c", "%u:%g %a", "/home/app")).isEqualTo("1000:1000 755\n");
        assertThat(container.exec("touch", "/home/app/file").getExitCode()).isZero();
        container.remove();

        RunningContainer next = pod.start(readonly(rig).attempt(1));
        assertThat(next.output("sh", "-c", "ls /data /home/app")).doesNotContain("file");
    }

    private static Containers readonly(Rig rig) {
        return rig.container("config:volumes").command("/t/pause").security(s -> s.setReadonlyRootfs(true));
    }

    @Test
    void mountTakesThePlaceOfTheImagesVolume(Rig rig) throws IOException {
        Path host = rig.folder("instead");
        Files.writeString(host.resolve("from-host"), "x");
        RunningContainer container = rig.run(Pods.named("volumes").hostNetwork())
                .start(readonly(rig).mount(host, "/data").mount(host, "/home", m -> m.setReadonly(true)));
        assertThat(container.output("ls", "/data", "/home"))
                .contains("from-host")
                .doesNotContain("app");
        assertThat(container.exec("touch", "/data/written").getExitCode()).isZero();
        assertThat(host.resolve("written")).exists();
        assertThat(container.exec("touch", "/home/app/x").getExitCode()).isNotZero();
    }

    @Test
    void rootDirectoryIsTheImages(Rig rig) {
        RunningContainer own = rig.run(Pods.named("root").hostNetwork())
                .start(rig.container("root:own").command("/t/pause"));
        assertThat(own.output("stat", "-c", "%u:%g %a", "/")).isEqualTo("1000:2000 1771\n");
        RunningContainer usual = rig.run(Pods.named("usual").hostNetwork()).start(rig.idle());
        assertThat(usual.output("stat", "-c", "%u:%g %a", "/")).isEqualTo("0:0 755\n");
    }

    @Test
    void imageWithoutLayers(Rig rig) throws IOException {
        RunningContainer container = rig.run(Pods.named("scratch").hostNetwork())
                .start(rig.container("scratch:1")
                        .mount(Tools.busybox().toRealPath(), "/busybox")
                        .command("/busybox", "sh", "-c", "/busybox ls /; echo x > /new && echo written"));
        assertThat(container.awaitExit().getExitCode()).isZero();
        assertThat(container.log().stdout()).contains("busybox\n", "etc\n", "proc\n", "written\n");
    }

    @Test
    void programThatCannotBeRunFailsTheStart(Rig rig) {
        for (String image : List.of("config:missing-program", "config:not-executable")) {
            RunningContainer container =
                    rig.run(Pods.named("fails").hostNetwork()).create(rig.container(image));
            Refused.anyhow(container::start);
            assertThat(container.status().getReason()).isEqualTo("StartError");
        }
    }
}
