package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PodSandboxStatusRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What CNI plugins are told, by the last plugin of a chain: of the end whatever has become of the pod, and of a daemon's restart, what
 * comes of which is told in turn.
 */
@DaemonTest
@CoracleOnly
final class PluginTest {
    private Path calls = Path.of("/nonexistent");
    private Path plugin = calls;
    private Path configuration = calls;

    /** A plugin behind the usual ones: keeps what it is told of each command, and does what {@code tuning} does, which is nothing. */
    @BeforeEach
    void putRecorderLast(Rig rig) throws IOException {
        calls = rig.folder("calls");
        DaemonDirs dirs = rig.daemon().dirs();
        plugin = dirs.cniBin().resolve("coracle-e2e-record-" + rig.node().name());
        Files.writeString(plugin, """
            #!/bin/sh
            input=$(cat)
            { env | grep ^CNI_; printf %%s "$input"; } > "%2$s/$CNI_COMMAND.new"
            mv "%2$s/$CNI_COMMAND.new" "%2$s/$CNI_COMMAND"
            echo "begin $CNI_COMMAND" >> "%2$s/order"
            if [ -e "%2$s/$CNI_COMMAND.fails" ]; then
                echo '{"code": 110, "msg": "the bridge is gone"}'
                exit 1
            fi
            [ ! -e "%2$s/$CNI_COMMAND.hangs" ] || exec sleep 600
            printf %%s "$input" | exec "%1$s/tuning"
            """.formatted(dirs.cniBin(), calls));
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        configuration = dirs.cniConf().resolve("00-record.conflist");
        // the bridge's plugin leaves its masquerading behind where the namespace is gone before DEL
        String usual = Files.readString(dirs.cniConf().resolve("10-e2e.conflist"))
                .strip()
                .replace("\"ipMasq\": true", "\"ipMasq\": false");
        assertThat(usual).contains("\"ipMasq\": false");
        assertThat(usual).endsWith("]}");
        Files.writeString(
                configuration,
                usual.substring(0, usual.length() - 2) + ", {\"type\": \"" + plugin.getFileName()
                        + "\", \"capabilities\": {\"portMappings\": true}}]}");
    }

    @AfterEach
    void takeItAway(Rig rig) throws IOException {
        rig.removeAllPods();
        Files.delete(configuration);
        Files.delete(plugin);
    }

    private String told(String command) {
        try {
            return Files.readString(calls.resolve(command)).replaceAll("\\s*([:,{}\\[\\]])\\s*", "$1");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void environmentAndInputOfAddAndDel(Rig rig) {
        RunningPod pod = rig.run(Pods.named("told").port(8080, 18081));
        String uid = pod.config().getMetadata().getUid();
        requireEnvironment(pod, uid, told("ADD"));
        assertThat(told("ADD"))
                .contains("CNI_NETNS=/run/netns/coracle-" + pod.id())
                .contains(
                        "\"cniVersion\":\"" + Tools.cniVersion() + "\"",
                        "\"name\":\"e2e\"",
                        "\"type\":\"" + plugin.getFileName())
                .contains("\"prevResult\":{", "\"address\":\"" + pod.ip() + "/16\"")
                .contains("\"runtimeConfig\":{", "\"hostPort\":18081", "\"containerPort\":8080");
        String address = "\"address\":\"" + pod.ip() + "/16\"";
        pod.stop();
        requireEnvironment(pod, uid, told("DEL"));
        assertThat(told("DEL")).contains("\"prevResult\":{", address, "\"hostPort\":18081");
    }

    @Test
    void checkAfterARestartWithTheResultOfAdd(Rig rig) {
        assumeTrue(
                Tools.cniVersion().equals("1.1.0"),
                "Debian 12's portmap finds fault with every port of a pod that has no address of version 6");
        RunningPod pod = rig.run(Pods.named("told").port(8080, 18083));
        String address = "\"address\":\"" + pod.ip() + "/16\"";
        rig.daemon().kill();
        rig.startDaemon();
        awaitCheck(rig, pod, "as it was made");
        requireEnvironment(pod, pod.config().getMetadata().getUid(), told("CHECK"));
        assertThat(told("CHECK"))
                .contains("CNI_NETNS=/run/netns/coracle-" + pod.id())
                .contains("\"prevResult\":{", address, "\"hostPort\":18083");
    }

    @Test
    void whatACheckFindsIsToldAndThePodGoesOn(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("broken"));
        RunningContainer container = pod.start(rig.idle());
        Files.createFile(calls.resolve("CHECK.fails"));
        rig.daemon().kill();
        rig.startDaemon();
        awaitCheck(rig, pod, "the bridge is gone");
        Waiting.untilTrue(
                "the daemon's log has it",
                Duration.ofSeconds(30),
                () -> rig.daemon().log().contains("the network of pod " + pod.id() + " is not as it was made: "));
        assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(container.output("echo", "goes on")).isEqualTo("goes on\n");
    }

    /** A check that hangs holds nothing up: what stops the pod ends it, and the plugin is not called twice at a time. */
    @Test
    void stopEndsACheckThatHangs(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("hanging"));
        Files.createFile(calls.resolve("CHECK.hangs"));
        rig.daemon().kill();
        rig.startDaemon();
        Waiting.untilTrue("the check has begun", Duration.ofSeconds(60), () -> Files.exists(calls.resolve("CHECK")));
        pod.stop();
        assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(Files.readAllLines(calls.resolve("order"))).endsWith("begin CHECK", "begin DEL");
        assertThat(told("DEL")).contains("CNI_CONTAINERID=" + pod.id());
        assertThat(rig.daemon().log()).doesNotContain("the network of pod " + pod.id());
    }

    private static void awaitCheck(Rig rig, RunningPod pod, String found) {
        PodSandboxStatusRequest verbose = PodSandboxStatusRequest.newBuilder()
                .setPodSandboxId(pod.id())
                .setVerbose(true)
                .build();
        Waiting.untilTrue(
                "the network is checked: " + found,
                Duration.ofSeconds(60),
                () -> rig.client()
                        .runtime()
                        .podSandboxStatus(verbose)
                        .getInfoOrDefault("info", "")
                        .replaceAll("(?s).*\"networkCheck\":\"([^\"]*)\".*", "$1")
                        .contains(found));
    }

    private static void requireEnvironment(RunningPod pod, String uid, String told) {
        assertThat(told)
                .contains("CNI_CONTAINERID=" + pod.id() + "\n", "CNI_IFNAME=eth0\n", "CNI_PATH=/")
                .contains("IgnoreUnknown=1", "K8S_POD_NAMESPACE=default", "K8S_POD_NAME=told")
                .contains("K8S_POD_INFRA_CONTAINER_ID=" + pod.id(), "K8S_POD_UID=" + uid);
    }

    @Test
    void delAlsoWhenTheNamespaceIsGone(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("lost"));
        String address = pod.ip();
        Path lease = rig.node().inside("/var/lib/cni/networks/e2e/" + address);
        assertThat(lease).exists();
        loseNamespace(rig, pod);

        pod.stop();
        assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(told("DEL")).contains("CNI_CONTAINERID=" + pod.id());
        assertThat(lease).doesNotExist();
        pod.remove();
        // The bridge plugin finds its masquerading by the addresses in the namespace, and leaves it where there is
        // none.
        String chain = "chain=$(iptables-save -t nat | sed -n 's/^-A POSTROUTING .*" + pod.id() + ".* -j //p'); ";
        String others = "iptables-save -t nat | grep -v \"$chain\" | iptables-restore -T nat";
        assertThat(rig.node().command("sh", "-c", chain + others).status()).isZero();
    }

    /** At one blow, as the daemon sees it: it hears of the shim's end, and would be quicker now and then. */
    private static void loseNamespace(Rig rig, RunningPod pod) throws IOException {
        String daemon = String.valueOf(rig.daemon().pid());
        assertThat(rig.node().command("kill", "-STOP", daemon).status()).isZero();
        try {
            for (ProcessHandle shim : holders(rig.daemon().dirs().run().resolve("pods/" + pod.id() + "/lock"))) {
                assertThat(shim.destroyForcibly()).isTrue();
                shim.onExit().join();
            }
            assertThat(rig.node()
                            .command("umount", "/run/netns/coracle-" + pod.id())
                            .status())
                    .isZero();
        } finally {
            assertThat(rig.node().command("kill", "-CONT", daemon).status()).isZero();
        }
    }

    private static List<ProcessHandle> holders(Path file) throws IOException {
        Path real = file.toRealPath();
        return ProcessHandle.allProcesses().filter(p -> holds(p, real)).toList();
    }

    private static boolean holds(ProcessHandle process, Path file) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return descriptors.anyMatch(d -> leadsTo(d, file));
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    private static boolean leadsTo(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).equals(file);
        } catch (IOException e) {
            return false;
        }
    }
}
