package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.AttachRequest;
import dev.coracle.proto.v1.ExecRequest;
import dev.coracle.proto.v1.PortForwardRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Streams of commands: what a client that behaves gets, and what one that does not costs. */
@DaemonTest
@CoracleOnly
final class StreamTest {
    private static final String V5 = "v5.channel.k8s.io";

    static StreamClient exec(Rig rig, RunningContainer container, String... command) {
        ExecRequest request = ExecRequest.newBuilder()
                .setContainerId(container.id())
                .addAllCmd(List.of(command))
                .setStdin(true)
                .setStdout(true)
                .setStderr(true)
                .build();
        return StreamClient.open(
                rig.node(), rig.client().runtime().exec(request).getUrl(), V5);
    }

    @Test
    @Field(value = "ExecRequest.cmd", does = "executed along the container's PATH; empty is refused")
    @Field(value = "ExecRequest.stdout", does = "the client is sent what the command says")
    @Field(value = "ExecRequest.stderr", does = "the same for errors; refused together with tty")
    void streamsAndExitCode(Rig rig) {
        RunningContainer container =
                rig.run(Pods.named("streams").hostNetwork()).start(rig.idle());
        try (StreamClient client = exec(rig, container, "sh", "-c", "echo out; echo err >&2; exit 5")) {
            assertThat(client.status()).contains("101");
            Map<Integer, String> all = client.readAll();
            assertThat(all).containsEntry(StreamClient.STDOUT, "out\n").containsEntry(StreamClient.STDERR, "err\n");
            assertThat(all.get(StreamClient.ERROR))
                    .contains("\"reason\":\"NonZeroExitCode\"")
                    .contains("{\"reason\":\"ExitCode\",\"message\":\"5\"}");
        }
        try (StreamClient client = exec(rig, container, "/no/such/program")) {
            assertThat(client.readAll().get(StreamClient.ERROR))
                    .contains("InternalError", "/no/such/program", "ENOENT");
        }
    }

    @Test
    @Field(
            value = "ExecRequest.stdin",
            does = "what the client sends goes to the command, and ends when the client says so")
    void halfOfTheInputClosesAlone(Rig rig) {
        RunningContainer container = rig.run(Pods.named("halves").hostNetwork()).start(rig.idle());
        try (StreamClient client = exec(rig, container, "sh", "-c", "cat; echo end")) {
            client.send(StreamClient.STDIN, "hello\n");
            client.awaitText(StreamClient.STDOUT, "hello\n");
            client.end(StreamClient.STDIN);
            assertThat(client.readAll())
                    .containsEntry(StreamClient.STDOUT, "end\n")
                    .containsEntry(StreamClient.ERROR, "{\"metadata\":{},\"status\":\"Success\"}");
        }
    }

    @Test
    @Field(value = "ExecRequest.tty", does = "a terminal of the container's own devpts, with the client's size")
    void terminalsHaveTheClientsSize(Rig rig) {
        RunningContainer container = rig.run(Pods.named("tty").hostNetwork()).start(rig.idle());
        ExecRequest request = ExecRequest.newBuilder()
                .setContainerId(container.id())
                .addAllCmd(List.of("sh", "-c", "read go; stty size; tty; echo $TERM; read go; stty size"))
                .setStdin(true)
                .setStdout(true)
                .setTty(true)
                .build();
        String url = rig.client().runtime().exec(request).getUrl();
        try (StreamClient client = StreamClient.open(rig.node(), url, V5)) {
            client.send(StreamClient.RESIZE, "{\"Width\":111,\"Height\":33}\n");
            client.send(StreamClient.STDIN, "go\n");
            client.awaitText(StreamClient.STDOUT, "33 111\r\n/dev/pts/0\r\nxterm");
            client.send(StreamClient.RESIZE, "{\"Width\":80,\"Height\":24}\n");
            client.send(StreamClient.STDIN, "go\n");
            assertThat(client.readAll().get(StreamClient.STDOUT)).contains("24 80");
        }
    }

    @Test
    @Field(
            value = "ExecRequest.container_id",
            does = "must run; the address is good for one connection within a minute")
    void anAddressIsGoodForOneConnection(Rig rig) {
        RunningPod pod = rig.run(Pods.named("once").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        ExecRequest.Builder request = ExecRequest.newBuilder()
                .setContainerId(container.id())
                .addCmd("true")
                .setStdout(true);
        String url = rig.client().runtime().exec(request.build()).getUrl();
        try (StreamClient first = StreamClient.open(rig.node(), url, V5);
                StreamClient second = StreamClient.open(rig.node(), url, V5)) {
            assertThat(first.status()).contains("101");
            assertThat(second.status()).contains("404");
        }
        RunningContainer created = pod.create(rig.idle().named("created"));
        Refused.with(
                Status.Code.FAILED_PRECONDITION,
                () -> rig.client()
                        .runtime()
                        .exec(request.setContainerId(created.id()).build()));
        Refused.with(
                Status.Code.NOT_FOUND,
                () -> rig.client()
                        .runtime()
                        .exec(request.setContainerId("0123456789abcdef").build()));
    }

    @Test
    @Field("AttachRequest.tty")
    @Field(
            value = "PortForwardRequest.port",
            does = "1 to 65535; for WebSocket clients that have a pair of channels for each")
    void whatCannotBeIsRefused(Rig rig) {
        RunningPod pod = rig.run(Pods.named("refused").hostNetwork());
        String id = pod.start(rig.idle()).id();
        ExecRequest exec =
                ExecRequest.newBuilder().setContainerId(id).addCmd("true").build();
        AttachRequest attach = AttachRequest.newBuilder().setContainerId(id).build();
        Refused.with(Status.Code.INVALID_ARGUMENT, () -> rig.client().runtime().exec(exec));
        Refused.with(Status.Code.INVALID_ARGUMENT, () -> rig.client().runtime().attach(attach));
        Refused.with(
                Status.Code.INVALID_ARGUMENT,
                () -> rig.client()
                        .runtime()
                        .exec(exec.toBuilder().setTty(true).setStderr(true).build()));
        Refused.with(
                Status.Code.INVALID_ARGUMENT,
                () -> rig.client()
                        .runtime()
                        .attach(attach.toBuilder().setTty(true).setStderr(true).build()));
        PortForwardRequest forward = PortForwardRequest.newBuilder()
                .setPodSandboxId(pod.id())
                .addPort(70_000)
                .build();
        Refused.with(Status.Code.INVALID_ARGUMENT, () -> rig.client().runtime().portForward(forward));
    }

    @Test
    void aClientThatVanishesTakesItsCommandAlong(Rig rig) {
        RunningContainer container =
                rig.run(Pods.named("vanishes").hostNetwork()).start(rig.idle());
        try (StreamClient client = exec(rig, container, "sh", "-c", "setsid sleep 5151 & echo ready; sleep 5151")) {
            client.awaitText(StreamClient.STDOUT, "ready");
            client.send(StreamClient.STDIN, new byte[300 << 10]); // which is not read: nor is the connection then
        }
        Waiting.untilTrue(
                "the command's processes are gone",
                Duration.ofSeconds(10),
                () -> !container.output("ps").contains("sleep 5151"));
    }

    /** Nothing moves on such a connection, neither way, and no write to it fails. */
    @Test
    void aClientThatVanishesWhileBothWaysAreFullIsMissed(Rig rig) {
        RunningContainer container = rig.run(Pods.named("stuck").hostNetwork()).start(rig.idle());
        try (StreamClient client = exec(rig, container, "sh", "-c", "read go; exec yes 8181")) {
            Thread.startVirtualThread(() -> {
                try {
                    client.send(StreamClient.STDIN, "go\n" + "x".repeat(600 << 10));
                } catch (UncheckedIOException e) {
                    assertThat(e).hasRootCauseInstanceOf(IOException.class);
                }
            });
            Waiting.untilTrue(
                    "the command runs",
                    Duration.ofSeconds(30),
                    () -> container.output("ps").contains("yes 8181"));
        }
        Waiting.untilTrue(
                "the command is gone",
                Duration.ofSeconds(10),
                () -> !container.output("ps").contains("yes 8181"));
    }

    @Test
    void aClientsMachineThatGoesWithoutAWordIsMissed(Rig rig) {
        RunningContainer container = rig.run(Pods.named("silent").hostNetwork()).start(rig.idle());
        try (StreamClient client = exec(rig, container, "cat")) {
            client.send(StreamClient.STDIN, "hello\n");
            client.awaitText(StreamClient.STDOUT, "hello\n");
            // the kernel looks after half a minute of silence, not after two hours
            assertThat(rig.node().command("ss", "-tnoH", "state", "established").text())
                    .containsPattern("timer:\\(keepalive,([0-9.]+sec|[0-9]+ms)");
        }
    }

    @Test
    void aClientThatNeitherReadsNorIsReadCostsNoMemory(Rig rig) {
        RunningContainer container = rig.run(Pods.named("lazy").hostNetwork()).start(rig.idle());
        try (StreamClient lazy = exec(rig, container, "yes");
                StreamClient pushes = exec(rig, container, "sh", "-c", "echo ready; exec sleep 6161")) {
            lazy.awaitText(StreamClient.STDOUT, "y\n");
            pushes.awaitText(StreamClient.STDOUT, "ready");
            Thread writer = Thread.startVirtualThread(() -> pushUntilClosed(pushes));
            assertThat(container.output("echo", "fine")).isEqualTo("fine\n");
            Waiting.sleep(Duration.ofSeconds(2));
            assertThat(writer.isAlive()).isTrue();
            assertThat(container.output("echo", "fine")).isEqualTo("fine\n");
            assertThat(residentMegabytes(rig.daemon().pid())).isLessThan(300);
        }
        Waiting.untilTrue(
                "the command that nobody read is gone",
                Duration.ofSeconds(10),
                () -> !container.output("ps").contains(" yes"));
    }

    private static void pushUntilClosed(StreamClient client) {
        try {
            byte[] piece = new byte[32 << 10];
            for (int i = 0; i < 8192; i++) {
                client.send(StreamClient.STDIN, piece);
            }
        } catch (UncheckedIOException e) {
            assertThat(e).hasRootCauseInstanceOf(IOException.class);
        }
    }

    private static long residentMegabytes(long pid) {
        try {
            String status = java.nio.file.Files.readString(java.nio.file.Path.of("/proc/" + pid + "/status"));
            return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1")) >> 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void twoHundredAtOnce(Rig rig) throws Exception {
        RunningContainer container = rig.run(Pods.named("many").hostNetwork()).start(rig.idle());
        List<StreamClient> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                clients.add(exec(rig, container, "sh", "-c", "read line; echo got $line; exit 3"));
            }
            List<Future<Map<Integer, String>>> all = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i).send(StreamClient.STDIN, i + "\n");
                all.add(threads.submit(clients.get(i)::readAll));
            }
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get()).containsEntry(StreamClient.STDOUT, "got " + i + "\n");
            }
        } finally {
            clients.forEach(StreamClient::close);
        }
    }
}
