package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.AttachRequest;
import dev.coracle.proto.v1.ExecRequest;
import dev.coracle.proto.v1.PortForwardRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Attach and port-forward by what their requests say. */
@DaemonTest
@CoracleOnly
final class StreamFieldsTest {
    private static final String V4 = "v4.channel.k8s.io";
    private static final String V5 = "v5.channel.k8s.io";

    private static StreamClient attach(Rig rig, RunningContainer container) {
        return attach(rig, container, request -> request.setStdout(true).setStderr(true));
    }

    private static StreamClient attach(Rig rig, RunningContainer container, Consumer<AttachRequest.Builder> change) {
        AttachRequest.Builder request =
                AttachRequest.newBuilder().setContainerId(container.id()).setStdin(true);
        change.accept(request);
        String url = rig.client().runtime().attach(request.build()).getUrl();
        return StreamClient.open(rig.node(), url, V5);
    }

    private static Map<Integer, String> exec(
            Rig rig, RunningContainer container, String script, Consumer<ExecRequest.Builder> change) {
        ExecRequest.Builder request =
                ExecRequest.newBuilder().setContainerId(container.id()).addAllCmd(List.of("sh", "-c", script));
        change.accept(request);
        String url = rig.client().runtime().exec(request.build()).getUrl();
        try (StreamClient client = StreamClient.open(rig.node(), url, V5)) {
            return client.readAll();
        }
    }

    @Test
    void whatACommandsClientDoesNotAskForItIsNotSent(Rig rig) {
        RunningContainer container = rig.run(Pods.named("asks").hostNetwork()).start(rig.idle());
        String script = "echo out; echo err >&2";
        assertThat(exec(rig, container, script, r -> r.setStdout(true)))
                .containsEntry(StreamClient.STDOUT, "out\n")
                .doesNotContainKey(StreamClient.STDERR);
        assertThat(exec(rig, container, script, r -> r.setStderr(true)))
                .containsEntry(StreamClient.STDERR, "err\n")
                .doesNotContainKey(StreamClient.STDOUT);
        assertThat(exec(rig, container, "cat; echo end", r -> r.setStdout(true)))
                .as("without stdin its input is empty, and it need not be ended")
                .containsEntry(StreamClient.STDOUT, "end\n");
    }

    @Test
    void whatIsAttachedForOneStreamIsSentNoOther(Rig rig) {
        RunningContainer container = rig.run(Pods.named("half").hostNetwork())
                .start(rig.busybox("read go; echo err >&2; echo out").stdin(false));
        try (StreamClient errors = attach(rig, container, r -> r.setStderr(true));
                StreamClient output = attach(rig, container, r -> r.setStdout(true))) {
            output.send(StreamClient.STDIN, "go\n");
            assertThat(output.readAll())
                    .containsEntry(StreamClient.STDOUT, "out\n")
                    .doesNotContainKey(StreamClient.STDERR);
            assertThat(errors.readAll())
                    .containsEntry(StreamClient.STDERR, "err\n")
                    .doesNotContainKey(StreamClient.STDOUT);
        }
    }

    @Test
    @Field(value = "AttachRequest.tty", does = "the client sends the size of its terminal, which the container's gets")
    void anAttachedTerminalHasTheClientsSize(Rig rig) {
        RunningContainer container = rig.run(Pods.named("sized").hostNetwork())
                .start(rig.busybox("read go; stty size; exec /t/pause").tty());
        try (StreamClient client = attach(rig, container, r -> r.setStdout(true).setTty(true))) {
            client.send(StreamClient.RESIZE, "{\"Width\":111,\"Height\":33}\n");
            client.send(StreamClient.STDIN, "go\n");
            client.awaitText(StreamClient.STDOUT, "33 111");
        }
    }

    @Test
    @Field(value = "AttachRequest.container_id", does = "its main process; must run")
    @Field(
            value = "AttachRequest.stdin",
            does = "what the client sends goes to the container; with stdin_once its end does too")
    @Field(value = "AttachRequest.stdout", does = "the client is sent what the container writes from now on")
    @Field(
            value = "AttachRequest.stderr",
            does = "the same for errors, where the container has no terminal; refused together with tty")
    void clientAndContainerTalk(Rig rig) {
        RunningContainer container = rig.run(Pods.named("talks").hostNetwork())
                .start(rig.container("busybox:1").command("sh").stdin(true));
        try (StreamClient client = attach(rig, container)) {
            client.send(StreamClient.STDIN, "echo out; echo err >&2; exit 4\n");
            assertThat(client.readAll())
                    .containsEntry(StreamClient.STDOUT, "out\n")
                    .containsEntry(StreamClient.STDERR, "err\n");
        }
        assertThat(container.awaitExit().getExitCode()).isEqualTo(4);
    }

    @Test
    @Field(
            value = "ContainerConfig.stdin_once",
            does = "standard input ends with the first client that has written to it; without, it stays open for the"
                    + " next")
    void inputThatIsMeantForOneClientEndsWithIt(Rig rig) {
        RunningPod pod = rig.run(Pods.named("once").hostNetwork());
        Containers reads = rig.busybox("cat; echo over; exec /t/pause").stdin(false);
        RunningContainer always = pod.start(reads);
        RunningContainer once = pod.start(reads.named("once").stdin(true));
        for (RunningContainer container : new RunningContainer[] {always, once}) {
            try (StreamClient client = attach(rig, container)) {
                client.send(StreamClient.STDIN, "first\n");
                client.awaitText(StreamClient.STDOUT, "first\n");
                client.end(StreamClient.STDIN);
            }
        }
        once.awaitLog("over");
        try (StreamClient client = attach(rig, always)) {
            client.send(StreamClient.STDIN, "second\n");
            client.awaitText(StreamClient.STDOUT, "second\n");
        }
        assertThat(always.log().stdout()).isEqualTo("first\nsecond\n");
        assertThat(once.log().stdout()).isEqualTo("first\nover\n");
    }

    @Test
    @Field(
            value = "PortForwardRequest.pod_sandbox_id",
            does = "connections into its network, IPv4's loopback first; must be ready")
    @Field("PortForwardRequest.port")
    void portsLeadIntoThePodsNetwork(Rig rig) {
        RunningPod pod = rig.run(Pods.named("forwards"));
        RunningContainer container = pod.start(rig.busybox("nc -ll -p 7777 -e echo forwarded & exec /t/pause"));
        Waiting.untilTrue(
                "somebody listens",
                Duration.ofSeconds(60),
                () -> container.output("netstat", "-ltn").contains(":7777 "));
        PortForwardRequest request = PortForwardRequest.newBuilder()
                .setPodSandboxId(pod.id())
                .addPort(7777)
                .build();
        String url = rig.client().runtime().portForward(request).getUrl();
        try (StreamClient client = StreamClient.open(rig.node(), url, V4)) {
            client.awaitText(0, "forwarded\n");
        }
        pod.stop();
        Refused.with(
                Status.Code.FAILED_PRECONDITION, () -> rig.client().runtime().portForward(request));
    }
}
