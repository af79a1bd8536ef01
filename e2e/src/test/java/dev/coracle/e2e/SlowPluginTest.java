package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxState;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A CNI plugin that takes 8 seconds: whatever happens meanwhile, the pod ends Ready or gone, and one call runs at a time. */
@DaemonTest
@CoracleOnly
final class SlowPluginTest {
    private static final Duration SLOW = Duration.ofSeconds(8);

    private Path calls = Path.of("/nonexistent");
    private Path plugin = calls;
    private Path configuration = calls;

    /** A plugin in front of the bridge's: notes when it begins and ends, and passes on what it is given. */
    @BeforeEach
    void putSlowPluginFirst(Rig rig) throws IOException {
        Path folder = rig.folder("slow");
        calls = Files.createFile(folder.resolve("calls"));
        DaemonDirs dirs = rig.daemon().dirs();
        plugin = dirs.cniBin().resolve("coracle-e2e-slow-" + rig.node().name());
        Files.writeString(plugin, """
            #!/bin/sh
            case $CNI_COMMAND in VERSION | STATUS | GC) exec "%1$s/bridge" ;; esac
            input=$(cat)
            echo "begin $CNI_COMMAND $CNI_CONTAINERID" >> "%2$s"
            [ "$CNI_COMMAND" = ADD ] && sleep 8
            printf %%s "$input" | "%1$s/bridge"
            status=$?
            echo "end $CNI_COMMAND $CNI_CONTAINERID" >> "%2$s"
            exit $status
            """.formatted(dirs.cniBin(), calls));
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        configuration = dirs.cniConf().resolve("00-slow.conflist");
        String usual = Files.readString(dirs.cniConf().resolve("10-e2e.conflist"));
        Files.writeString(
                configuration, usual.replace("\"type\": \"bridge\"", "\"type\": \"" + plugin.getFileName() + "\""));
    }

    @AfterEach
    void takeItAway(Rig rig) throws IOException {
        rig.removeAllPods();
        Files.delete(configuration);
        Files.delete(plugin);
    }

    private static PodSandboxConfig pod(Rig rig, String name) {
        PodSandboxConfig config = Pods.named(name).on(rig.node()).build();
        PodCgroup.make(config.getLinux().getCgroupParent());
        return config;
    }

    private void awaitCall(String text) {
        Waiting.untilTrue(
                "plugin call " + text,
                Duration.ofSeconds(30),
                () -> calls().stream().anyMatch(l -> l.startsWith(text)));
    }

    private List<String> calls() {
        try {
            return Files.readAllLines(calls);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** No call began while another had not ended; one that was killed has no end. */
    private void neverTwoAtOnce() {
        String open = "";
        for (String line : calls()) {
            if (line.startsWith("end")) {
                assertThat("begin" + line.substring(3)).isEqualTo(open);
                open = "";
            } else {
                assertThat(open)
                        .as("still running when this came: " + line)
                        .satisfiesAnyOf(
                                o -> assertThat(o).isEmpty(),
                                o -> assertThat(line).startsWith("begin DEL"));
                open = line;
            }
        }
    }

    @Test
    void clientThatGoesAwayLeavesAReadyPod(Rig rig) {
        PodSandboxConfig config = pod(rig, "left");
        Refused.with(
                io.grpc.Status.Code.DEADLINE_EXCEEDED,
                () -> rig.client()
                        .runtime(Duration.ofSeconds(2))
                        .runPodSandbox(dev.coracle.proto.v1.RunPodSandboxRequest.newBuilder()
                                .setConfig(config)
                                .build()));
        Waiting.untilTrue(
                "the pod is ready",
                SLOW.multipliedBy(3),
                () -> rig.client().pods().stream().anyMatch(p -> p.getState() == PodSandboxState.SANDBOX_READY));
        String id = rig.client().pods().getFirst().getId();
        assertThat(rig.client().runPod(config)).isEqualTo(id);
        neverTwoAtOnce();
        assertThat(calls().stream().filter(l -> l.startsWith("begin ADD"))).hasSize(1);
        PodCgroup.remove(config.getLinux().getCgroupParent());
    }

    @Test
    void stopMeanwhileEndsWithThePodGone(Rig rig) throws InterruptedException {
        PodSandboxConfig config = pod(rig, "doomed");
        Thread run = Thread.startVirtualThread(
                () -> ignoringRefusal(() -> rig.client().runPod(config)));
        awaitCall("begin ADD");
        String id = calls().getFirst().split(" ", 3)[2];
        rig.client().stopPod(id);
        run.join(Duration.ofSeconds(60));
        rig.client().stopPod(id);
        rig.client().removePod(id);
        assertThat(rig.client().pods()).isEmpty();
        neverTwoAtOnce();
        assertThat(calls().getLast()).startsWith("end DEL");
        PodCgroup.remove(config.getLinux().getCgroupParent());
    }

    @Test
    void daemonKilledMeanwhileEndsWithThePodReadyOrGone(Rig rig) throws InterruptedException {
        PodSandboxConfig config = pod(rig, "orphaned");
        Thread run = Thread.startVirtualThread(
                () -> ignoringRefusal(() -> rig.client().runPod(config)));
        awaitCall("begin ADD");
        rig.daemon().kill();
        run.join(Duration.ofSeconds(60));
        rig.startDaemon();
        awaitCall("end ");
        Waiting.untilTrue(
                "the pod is ready or gone",
                SLOW.multipliedBy(4),
                () -> rig.client().pods().stream()
                        .map(PodSandbox::getState)
                        .allMatch(s -> s == PodSandboxState.SANDBOX_READY));
        neverTwoAtOnce();
        rig.removeAllPods();
        PodCgroup.remove(config.getLinux().getCgroupParent());
    }

    private static void ignoringRefusal(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            // doomed, or the daemon is gone
        }
    }
}
