package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.CDIDevice;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerStatus;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Devices by the Container Device Interface: what vendors' files say is what containers get. */
@DaemonTest
@CoracleOnly
final class CdiTest {
    private static final String NODES_AND_MORE = """
        {"cdiVersion": "0.7.0", "kind": "example.com/toy",
         "containerEdits": {"env": ["TOYS=all"]},
         "devices": [
          {"name": "one", "containerEdits": {
            "env": ["ONE=1"],
            "deviceNodes": [
             {"path": "/dev/toys/log", "type": "c", "major": 1, "minor": 11, "fileMode": 432, "uid": 7, "gid": 8, "permissions": "w"},
             {"path": "/dev/toy", "hostPath": "/dev/kmsg"}],
            "mounts": [{"hostPath": "%1$s", "containerPath": "/toys", "options": ["ro", "nosuid", "nodev", "rbind", "rprivate"]}],
            "additionalGids": [4242]}},
          {"name": "two", "containerEdits": {"env": ["TWO=2"]}}]}
        """;

    private static final String HOOKS = """
        cdiVersion: 0.6.0
        kind: example.com/hooked
        devices:
        - name: all
          containerEdits:
            hooks:
            - {hookName: createRuntime, path: /bin/sh, args: [sh, %1$s/hook, createRuntime], env: ["PATH=/usr/bin:/bin"]}
            - {hookName: createContainer, path: /bin/sh, args: [sh, %1$s/hook, createContainer], env: ["PATH=/usr/bin:/bin"]}
            - {hookName: poststart, path: /bin/sh, args: [sh, %1$s/hook, poststart], env: ["PATH=/usr/bin:/bin"]}
            - {hookName: poststop, path: /bin/sh, args: [sh, %1$s/hook, poststop], env: ["PATH=/usr/bin:/bin"]}
        - name: inside
          containerEdits:
            hooks:
            - {hookName: startContainer, path: /bin/sh, args: [sh, -c, "cat > /tmp/state; echo $WHO > /tmp/who"], env: [WHO=start]}
        - name: failing
          containerEdits:
            hooks:
            - {hookName: createContainer, path: /bin/sh, args: [sh, -c, "echo no such toy >&2; exit 3"]}
        - name: slow
          containerEdits:
            hooks:
            - {hookName: createRuntime, path: /bin/sh, args: [sh, -c, "sleep 600 & wait"], timeout: 1, env: ["PATH=/usr/bin:/bin"]}
        """;

    /** Finds the container's root as NVIDIA's hooks do: the state names the bundle, and its configuration the root. */
    private static final String HOOK = """
        cat > @FOLDER@/state.$1
        echo $1 >> @FOLDER@/order
        bundle=$(sed 's/.*"bundle":"\\([^"]*\\)".*/\\1/' @FOLDER@/state.$1)
        root=$(sed 's/.*"root":{"path":"\\([^"]*\\)".*/\\1/' $bundle/config.json)
        [ $1 != createContainer ] || {
            echo hooked > $root/etc/by-hook
            ln -s by-hook $root/etc/link
            echo mounted > $root/tmp/source
            : > $root/tmp/target
            mount --bind $root/tmp/source $root/tmp/target
            hostname > @FOLDER@/hostname
        }
        """;

    private static void install(Rig rig, String directory, String name, String text) throws IOException {
        Path file = Files.writeString(rig.folder("cdi").resolve(name), text);
        rig.node()
                .command("sh", "-c", "mkdir -p " + directory + " && cp " + file + " " + directory + "/" + name)
                .text();
    }

    @AfterEach
    void uninstall(Rig rig) {
        rig.node().command("rm", "-rf", "/etc/cdi", "/var/run/cdi").text();
    }

    private static ContainerConfig asking(RunningPod pod, Containers container, String... devices) {
        return container.in(
                pod.config(),
                c -> List.of(devices)
                        .forEach(name -> c.addCDIDevices(CDIDevice.newBuilder().setName(name))));
    }

    @Test
    @Tag("vm")
    @Field(
            value = "CDIDevice.name",
            does = "the edits of the specification files in /etc/cdi and /var/run/cdi that have it; also from"
                    + " cdi.k8s.io/ annotations; one that cannot be resolved is refused")
    void nodesMountsVariablesAndGroups(Rig rig) throws IOException {
        Path toys = rig.folder("toys");
        Files.writeString(toys.resolve("ball"), "round");
        install(rig, "/etc/cdi", "toy.json", NODES_AND_MORE.formatted(toys));
        RunningPod pod = rig.run(Pods.named("cdi").hostNetwork());
        RunningContainer container = pod.start(asking(pod, rig.idle().user(1000, 1001), "example.com/toy=one"));
        assertThat(container.output("sh", "-c", "echo $TOYS $ONE $TWO")).isEqualTo("all 1\n");
        assertThat(container.output("stat", "-c", "%t:%T %a %u %g", "/dev/toys/log"))
                .isEqualTo("1:b 660 7 8\n");
        assertThat(container.output("stat", "-c", "%t:%T %u %g", "/dev/toy")).isEqualTo("1:b 1000 1001\n");
        assertThat(container.output("cat", "/toys/ball")).isEqualTo("round");
        assertThat(container.exec("touch", "/toys/new").getExitCode()).isNotZero();
        assertThat(container.output("id", "-G").strip().split(" ", -1)).contains("4242");
        assertThat(container.status().getMountsList()).as("the client's").isEmpty();
    }

    @Test
    @Tag("vm")
    void theControlGroupAllowsWhatTheDeviceSays(Rig rig) throws IOException {
        install(rig, "/etc/cdi", "toy.json", NODES_AND_MORE.formatted(rig.folder("toys")));
        RunningPod pod = rig.run(Pods.named("cdi-access").hostNetwork());
        RunningContainer without = pod.start(rig.idle().named("without"));
        assertThat(without.exec("sh", "-c", "mknod /dev/k c 1 11 && : > /dev/k").getExitCode())
                .isNotZero();
        String two = NODES_AND_MORE.replace("\"hostPath\": \"/dev/kmsg\"", "\"hostPath\": \"/dev/null\"");
        install(rig, "/etc/cdi", "toy.json", two.formatted(rig.folder("toys")));
        RunningContainer with = pod.start(asking(pod, rig.idle().named("with"), "example.com/toy=one"));
        assertThat(with.exec("sh", "-c", ": > /dev/toys/log").getExitCode()).isZero();
        assertThat(with.exec("sh", "-c", ": < /dev/toys/log").getExitCode()).isNotZero();
    }

    @Test
    @Field("CDIDevice.name")
    void annotationsNameDevicesTooAndWhatCannotBeResolvedIsNamed(Rig rig) throws IOException {
        install(rig, "/etc/cdi", "toy.json", NODES_AND_MORE.formatted(rig.folder("toys")));
        RunningPod pod = rig.run(Pods.named("cdi-names").hostNetwork());
        RunningContainer container = pod.start(asking(
                pod,
                rig.idle().annotation("cdi.k8s.io/plugin_1", "example.com/toy=two,example.com/toy=one"),
                "example.com/toy=one"));
        assertThat(container.output("sh", "-c", "echo $ONE $TWO")).isEqualTo("1 2\n");
        install(rig, "/etc/cdi", "broken.yaml", "cdiVersion: 0.6.0\nkind: example.com/broken\ndevises: []\n");
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> pod.create(asking(pod, rig.idle().named("no"), "example.com/broken=one"))))
                .startsWith("config.CDI_devices[0].name: CDI device example.com/broken=one cannot be resolved: ")
                .contains("/etc/cdi/broken.yaml: devices is empty");
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> pod.create(rig.idle()
                                .named("no")
                                .annotation("cdi.k8s.io/x", "toy")
                                .in(pod.config()))))
                .startsWith("config.annotations[cdi.k8s.io/x]: \"toy\" is not of the form");
    }

    @Test
    void changedFilesAreReadAnewAndTheHigherDirectoryWins(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("cdi-changes").hostNetwork());
        install(rig, "/etc/cdi", "a.yaml", colour("red"));
        assertThat(colourSeen(rig, pod, "first")).isEqualTo("red\n");
        install(rig, "/etc/cdi", "a.yaml", colour("green"));
        assertThat(colourSeen(rig, pod, "second")).isEqualTo("green\n");
        install(rig, "/var/run/cdi", "z.yaml", colour("blue"));
        assertThat(colourSeen(rig, pod, "third")).isEqualTo("blue\n");
        install(rig, "/var/run/cdi", "y.yaml", colour("grey"));
        assertThat(Refused.with(Code.INVALID_ARGUMENT, () -> colourSeen(rig, pod, "fourth")))
                .contains("/var/run/cdi/y.yaml and /var/run/cdi/z.yaml both have it");
    }

    private static String colour(String name) {
        return "cdiVersion: 0.6.0\nkind: example.com/paint\ndevices: [{name: pot, containerEdits: {env: [COLOUR=" + name
                + "]}}]\n";
    }

    private static String colourSeen(Rig rig, RunningPod pod, String name) {
        return pod.start(asking(pod, rig.idle().named(name), "example.com/paint=pot"))
                .output("sh", "-c", "echo $COLOUR");
    }

    @Test
    @Tag("vm")
    void aMountIsWithoutWhatIsBelowItOrWithIt(Rig rig) throws IOException {
        Path tree = rig.folder("tree");
        Path inner = Files.createDirectory(tree.resolve("inner"));
        Files.writeString(tree.resolve("run"), "#!/bin/sh\necho ran\n");
        assertThat(tree.resolve("run").toFile().setExecutable(true)).isTrue();
        rig.node().command("mount", "-t", "tmpfs", "inner", inner.toString()).text();
        try {
            rig.node().command("sh", "-c", "echo deep > " + inner + "/file").text();
            install(rig, "/etc/cdi", "mounts.yaml", """
                cdiVersion: 0.6.0
                kind: example.com/mounts
                devices:
                - name: all
                  containerEdits:
                    mounts:
                    - {hostPath: %1$s, containerPath: /alone, options: [bind, noexec]}
                    - {hostPath: %1$s, containerPath: /whole, options: [ro, nosuid, nodev, rbind, rprivate]}
                """.formatted(tree));
            RunningPod pod = rig.run(Pods.named("cdi-mounts").hostNetwork());
            RunningContainer container = pod.start(asking(pod, rig.idle(), "example.com/mounts=all"));
            assertThat(container.output("cat", "/whole/inner/file")).isEqualTo("deep\n");
            assertThat(container.output("ls", "/alone/inner")).isEmpty();
            assertThat(container.output("/whole/run")).isEqualTo("ran\n");
            assertThat(container.exec("sh", "-c", "/alone/run").getExitCode()).isEqualTo(126);
            assertThat(container.exec("touch", "/whole/new").getExitCode()).isNotZero();
            assertThat(container.exec("touch", "/alone/new").getExitCode()).isZero();
            assertThat(container.output("grep", " /whole ", "/proc/self/mountinfo"))
                    .contains("ro,nosuid,nodev");
        } finally {
            rig.removeAllPods();
            rig.node().command("umount", inner.toString());
        }
    }

    /** Directories are watched: one that was not there when the daemon began, and goes and comes again. */
    @Test
    void aDirectoryThatComesAndGoesAndWhatIsWrongInIt(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("cdi-comes").hostNetwork());
        for (String colour : List.of("red", "green")) {
            assertThat(Refused.with(Code.INVALID_ARGUMENT, () -> colourSeen(rig, pod, "none-" + colour)))
                    .contains("no specification file in /etc/cdi, /var/run/cdi has it");
            install(rig, "/etc/cdi", "broken.json", "{\"devices\": ");
            install(rig, "/etc/cdi", "paint.yaml", colour(colour));
            assertThat(colourSeen(rig, pod, "seen-" + colour)).isEqualTo(colour + "\n");
            rig.node().command("rm", "-r", "/etc/cdi").text();
        }
        Waiting.untilTrue(
                "the broken file is in the log",
                Duration.ofSeconds(30),
                () -> rig.daemon().log().contains("read CDI specification /etc/cdi/broken.json: "));
    }

    @Test
    @Tag("vm")
    void hooksRunAtTheirPointsWithStateBundleAndRoot(Rig rig) throws IOException {
        Path folder = rig.folder("hooks");
        Files.writeString(folder.resolve("hook"), HOOK.replace("@FOLDER@", folder.toString()));
        install(rig, "/etc/cdi", "hooked.yaml", HOOKS.formatted(folder));
        RunningPod pod = rig.run(Pods.named("hooked").hostname("inside"));
        RunningContainer container = pod.start(asking(
                pod,
                rig.idle().annotation("toy", "ball").security(s -> s.setReadonlyRootfs(true)),
                "example.com/hooked=all"));
        assertThat(Files.readAllLines(folder.resolve("order")))
                .containsExactly("createRuntime", "createContainer", "poststart");
        assertThat(container.output("cat", "/etc/link")).isEqualTo("hooked\n");
        assertThat(container.output("cat", "/tmp/target"))
                .as("what a hook mounts stays")
                .isEqualTo("mounted\n");
        assertThat(Files.readString(folder.resolve("hostname"))).isEqualTo("inside\n");
        assertThat(Files.readString(folder.resolve("state.createContainer")))
                .contains("\"id\":\"" + container.id() + "\"", "\"status\":\"creating\"", "\"toy\":\"ball\"")
                .endsWith("\"pid\":1}");
        assertThat(Files.readString(folder.resolve("state.poststart"))).containsPattern("\"pid\":[0-9]{2,}}");
        assertThat(container.output("cat", "/proc/self/mountinfo")).doesNotContain("bundle/rootfs");
        container.stop(Duration.ofSeconds(10));
        Waiting.untilTrue(
                "poststop has run", Duration.ofSeconds(10), () -> Files.exists(folder.resolve("state.poststop")));
    }

    /** As the pod's root, who is nobody on the node: so what they are to write lies where everybody may. */
    @Test
    void hooksInAPodWithAUserNamespaceRunAsItsRoot(Rig rig) throws IOException {
        UserNamespaceTest.assumeCan(rig);
        rig.node()
                .command(
                        "sh", "-c", "mkdir /tmp/hooks && : > /tmp/hooks/order && chmod 777 /tmp/hooks /tmp/hooks/order")
                .text();
        Path folder = rig.node().inside("/tmp/hooks");
        Files.writeString(
                folder.resolve("hook"),
                HOOK.replace("@FOLDER@", "/tmp/hooks")
                        + "id -u > /tmp/hooks/user.$1\ncat /proc/self/uid_map >> /tmp/hooks/user.$1\n");
        install(rig, "/etc/cdi", "hooked.yaml", HOOKS.formatted("/tmp/hooks"));
        RunningPod pod = rig.run(UserNamespaceTest.pod().hostname("inside"));
        RunningContainer container =
                pod.start(asking(pod, rig.idle(), "example.com/hooked=all", "example.com/hooked=inside"));
        assertThat(Files.readAllLines(folder.resolve("order")))
                .containsExactly("createRuntime", "createContainer", "poststart");
        assertThat(container.output("sh", "-c", "cat /etc/link /tmp/target /tmp/who; stat -c %u /etc/by-hook"))
                .isEqualTo("hooked\nmounted\nstart\n0\n");
        assertThat(Files.readString(folder.resolve("hostname"))).isEqualTo("inside\n");
        assertThat(Files.readString(folder.resolve("user.createContainer")))
                .isEqualTo("0\n" + container.output("cat", "/proc/self/uid_map"));
        assertThat(Files.readString(folder.resolve("user.createRuntime"))).contains(" 4294967295\n");
        assertThat(container.output("cat", "/proc/self/mountinfo")).doesNotContain("bundle");
        RunningContainer failing = pod.create(asking(pod, rig.idle().named("failing"), "example.com/hooked=failing"));
        assertThat(Refused.anyhow(() -> rig.client().startContainer(failing.id())))
                .contains("no such toy");
        container.stop(Duration.ofSeconds(10));
        Waiting.untilTrue(
                "poststop has run", Duration.ofSeconds(10), () -> Files.exists(folder.resolve("user.poststop")));
        rig.node().command("rm", "-r", "/tmp/hooks").text();
    }

    @Test
    void aHookOfTheContainersOwnRunsInIt(Rig rig) throws IOException {
        install(rig, "/etc/cdi", "hooked.yaml", HOOKS.formatted(rig.folder("hooks")));
        RunningPod pod = rig.run(Pods.named("hooked-inside").hostNetwork());
        RunningContainer container = pod.start(asking(pod, rig.idle(), "example.com/hooked=inside"));
        assertThat(container.output("cat", "/tmp/who")).isEqualTo("start\n");
        assertThat(container.output("cat", "/tmp/state"))
                .contains("\"status\":\"created\"")
                .endsWith("\"pid\":1}");
    }

    @Test
    @Tag("vm")
    void aHookThatFailsOrHangsFailsTheStart(Rig rig) throws IOException {
        install(rig, "/etc/cdi", "hooked.yaml", HOOKS.formatted(rig.folder("hooks")));
        RunningPod pod = rig.run(Pods.named("hook-failing").hostNetwork());
        RunningContainer failing = pod.create(asking(pod, rig.idle(), "example.com/hooked=failing"));
        assertThat(Refused.anyhow(() -> rig.client().startContainer(failing.id())))
                .contains("no such toy");
        ContainerStatus status = failing.status();
        assertThat(status.getReason()).isEqualTo("StartError");
        assertThat(status.getExitCode()).isEqualTo(128);
        RunningContainer slow = pod.create(asking(pod, rig.idle().named("slow"), "example.com/hooked=slow"));
        long begin = System.nanoTime();
        assertThat(Refused.anyhow(() -> rig.client().startContainer(slow.id()))).contains("ETIMEDOUT");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }
}
