package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.images.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The way of an administrator: crictl, another client, with its own idea of requests. */
@DaemonTest
final class CrictlTest {

    private static Outcome crictl(Rig rig, String... arguments) {
        assumeTrue(Tools.crictl().isPresent(), "crictl needs Go to be built");
        String endpoint = "unix://" + rig.daemon().socket();
        List<String> command = new ArrayList<>(List.of(
                Tools.crictl().orElseThrow().toString(),
                "--runtime-endpoint",
                endpoint,
                "--image-endpoint",
                endpoint,
                "--timeout",
                "60s"));
        command.addAll(List.of(arguments));
        return Outcome.of(Duration.ofSeconds(90), command);
    }

    private static Path file(Path folder, String name, String json) throws IOException {
        return Files.writeString(folder.resolve(name), json);
    }

    @Test
    void aPodsLife(Rig rig) throws IOException {
        Path folder = rig.folder("crictl");
        Path pod = file(folder, "pod.json", """
            {"metadata": {"name": "p1", "uid": "u1", "namespace": "default", "attempt": 1},
             "log_directory": "%s/logs",
             "linux": {"cgroup_parent": "%s/crictl", "security_context": {"namespace_options": {"network": 0, "pid": 1, "ipc": 0}}}}
            """.formatted(folder, rig.node().cgroupParent()));
        Path container = file(folder, "container.json", """
            {"metadata": {"name": "c1"}, "image": {"image": "%s"},
             "command": ["sh", "-c", "echo hello from crictl; exec sleep 1000"], "log_path": "c1.log",
             "linux": {"security_context": {"namespace_options": {"network": 0, "pid": 1, "ipc": 0}}}}
            """.formatted(TestImages.BUSYBOX));
        crictl(rig, "pull", TestImages.BUSYBOX).text();
        assertThat(crictl(rig, "images").text()).contains("127.0.0.1:5000/busybox");
        String podId = crictl(rig, "runp", pod.toString()).text().strip();
        String id = crictl(rig, "create", podId, container.toString(), pod.toString())
                .text()
                .strip();
        crictl(rig, "start", id).text();

        assertThat(crictl(rig, "pods").text()).contains("p1").contains("Ready");
        assertThat(crictl(rig, "ps").text()).contains("c1").contains("Running");
        assertThat(crictl(rig, "exec", "-s", id, "echo", "inside").text()).contains("inside");
        assertThat(crictl(rig, "logs", id).text()).isEqualTo("hello from crictl\n");
        assertThat(crictl(rig, "inspect", id).text()).contains("\"state\": \"CONTAINER_RUNNING\"");
        assertThat(crictl(rig, "inspectp", podId).text()).contains("10.88.");
        assertThat(crictl(rig, "stats").text()).contains(id.substring(0, 13));
        assertThat(crictl(rig, "statsp").text()).contains(podId.substring(0, 13));
        assertThat(crictl(rig, "metricdescs").text()).contains("container_memory_working_set_bytes");
        assertThat(crictl(rig, "metricsp").text()).contains(podId).contains("container_memory_working_set_bytes");

        crictl(rig, "stop", "--timeout", "0", id).text();
        crictl(rig, "rm", id).text();
        crictl(rig, "stopp", podId).text();
        crictl(rig, "rmp", podId).text();
        assertThat(crictl(rig, "pods", "-q").text()).isEmpty();
        PodCgroup.removeTree(rig.node().cgroupParent() + "/crictl");
    }

    private static String template(Rig rig, String command, String template, String... operands) {
        List<String> arguments = new ArrayList<>(List.of(command, "--output", "go-template", "--template", template));
        arguments.addAll(List.of(operands));
        return crictl(rig, arguments.toArray(String[]::new)).text().strip();
    }

    @Test
    @CoracleOnly
    void inspectionsHaveWhatPeopleLookFor(Rig rig) {
        RunningPod pod = rig.run(Pods.named("inspected"));
        RunningContainer container = pod.start(rig.idle().env("GIVEN", "here"));
        assertThat(Path.of("/proc", template(rig, "inspect", "{{.info.pid}}", container.id()), "comm"))
                .content()
                .isEqualTo("pause\n");
        assertThat(template(rig, "inspect", "{{.info.sandboxID}}", container.id()))
                .isEqualTo(pod.id());
        assertThat(template(rig, "inspect", "{{.info.runtimeSpec.process.args}}", container.id()))
                .isEqualTo("[/t/pause]");
        assertThat(template(rig, "inspect", "{{.info.config.envs}}", container.id()))
                .isEqualTo("[map[key:GIVEN value:here]]");
        assertThat(template(rig, "inspectp", "{{.info.config.metadata.name}}", pod.id()))
                .isEqualTo("inspected");
        String network =
                "{{range .info.runtimeSpec.linux.namespaces}}{{if eq .type \"network\"}}{{.path}}{{end}}{{end}}";
        String netns = template(rig, "inspectp", network, pod.id());
        assertThat(rig.node().inside(netns)).exists();
        assertThat(template(rig, "inspectp", "{{.status.network.ip}}", pod.id()))
                .isEqualTo(pod.ip());
        assertThat(template(rig, "inspecti", "{{.info.imageSpec.os}}", TestImages.BUSYBOX))
                .isEqualTo("linux");
        assertThat(template(rig, "info", "{{.config.run}}"))
                .isEqualTo(rig.daemon().dirs().run().toString());
    }

    @Test
    void listsHaveWhatIsThere(Rig rig) {
        RunningPod pod = rig.run(Pods.named("listed"));
        RunningContainer running = pod.start(rig.busybox("for i in 1 2 3 4; do echo line $i; done; exec /t/pause"));
        RunningContainer ended = pod.start(rig.busybox("exit 3").named("ended"));
        ended.awaitExit();
        running.awaitLog("line 4");
        String listed = crictl(rig, "ps", "--all", "--no-trunc").text();
        assertThat(listed).contains(running.id(), ended.id(), "Running", "Exited", "main", "ended", "listed");
        assertThat(crictl(rig, "ps", "--quiet").text().strip()).isEqualTo(running.id());
        assertThat(crictl(rig, "ps", "--quiet", "--name", "end", "--all").text().strip())
                .isEqualTo(ended.id());
        assertThat(crictl(rig, "pods", "--quiet", "--namespace", "default")
                        .text()
                        .strip())
                .isEqualTo(pod.id());
        assertThat(crictl(rig, "logs", "--tail", "2", running.id()).text()).isEqualTo("line 3\nline 4\n");
        assertThat(crictl(rig, "images", "--no-trunc").text()).contains("127.0.0.1:5000/busybox", "sha256:");
        assertThat(crictl(rig, "stats", "--output", "json", running.id()).text())
                .contains(running.id())
                .contains("usageCoreNanoSeconds")
                .contains("workingSetBytes");
    }

    @Test
    @CoracleOnly
    void events(Rig rig) throws IOException {
        assumeTrue(Tools.crictl().isPresent(), "crictl needs Go to be built");
        Path output = rig.folder("events").resolve("events");
        Process crictl = new ProcessBuilder(
                        Tools.crictl().orElseThrow().toString(),
                        "--runtime-endpoint",
                        "unix://" + rig.daemon().socket(),
                        "events",
                        "-o",
                        "json")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            // When it has been let in cannot be seen from here.
            Waiting.until("an event", Duration.ofSeconds(60), () -> {
                rig.run(Pods.named("seen").hostNetwork()).remove();
                return Optional.of(text(output)).filter(all -> all.contains("CONTAINER_DELETED_EVENT"));
            });
            assertThat(text(output)).contains("CONTAINER_STOPPED_EVENT").contains("\"name\":\"seen\"");
        } finally {
            crictl.destroyForcibly();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).replace(" ", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void infoAndVersion(Rig rig) {
        assertThat(crictl(rig, "version").text()).contains("RuntimeApiVersion:  v1");
        assertThat(crictl(rig, "info").text()).contains("RuntimeReady").contains("NetworkReady");
        assertThat(crictl(rig, "imagefsinfo").text()).contains("mountpoint");
    }
}
