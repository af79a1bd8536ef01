package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.AttachRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of streams and calls when the daemon under them ends, and of a container's input then. */
@DaemonTest
@CoracleOnly
final class StreamRestartTest {
    private static final String ENDING = "the daemon is ending";

    private static StreamClient attach(Rig rig, RunningContainer container) {
        AttachRequest request = AttachRequest.newBuilder()
                .setContainerId(container.id())
                .setStdin(true)
                .setStdout(true)
                .build();
        return StreamClient.open(
                rig.node(), rig.client().runtime().attach(request).getUrl(), "v5.channel.k8s.io");
    }

    private static void end(Rig rig, String signal) {
        if (signal.equals("TERM")) {
            rig.daemon().stop();
        } else {
            rig.daemon().kill();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "KILL"})
    void execsAndAttachesEndAndInputStaysOpen(String signal, Rig rig) {
        RunningPod pod =
                rig.run(Pods.named("ends-by-" + signal.toLowerCase(Locale.ROOT)).hostNetwork());
        RunningContainer reader = pod.start(rig.busybox("while read line; do echo got $line; done")
                .stdin(false)
                .named("reader"));
        RunningContainer once =
                pod.start(rig.busybox("cat; echo end of input").stdin(true).named("once"));
        RunningContainer idle = pod.start(rig.idle().named("idle"));
        String script =
                "trap ': > /hung-up' HUP; setsid sleep 7171 & echo ready; while true; do sleep 7171 & wait; done";
        try (StreamClient exec = StreamTest.exec(rig, idle, "sh", "-c", script);
                StreamClient first = attach(rig, reader);
                StreamClient second = attach(rig, once)) {
            exec.awaitText(StreamClient.STDOUT, "ready");
            say(first, "one", "got one");
            say(second, "one", "one");
            end(rig, signal);
            for (StreamClient client : List.of(exec, first, second)) {
                Map<Integer, String> last = client.readAll();
                if (signal.equals("TERM")) {
                    assertThat(last.get(StreamClient.ERROR)).contains("Failure", ENDING);
                }
            }
        }
        rig.startDaemon();
        Waiting.untilTrue(
                "the command's processes are gone",
                Duration.ofSeconds(10),
                () -> !idle.output("ps").contains("sleep 7171"));
        assertThat(idle.output("ls", "/")).contains("hung-up");
        inputIsStillOpen(rig, reader, once);
    }

    /** With stdin_once the first client that vanishes ends it; that a daemon went did not. */
    private static void inputIsStillOpen(Rig rig, RunningContainer reader, RunningContainer once) {
        try (StreamClient first = attach(rig, reader);
                StreamClient second = attach(rig, once)) {
            say(first, "two", "got two");
            say(second, "two", "two");
        }
        assertThat(once.awaitExit().getExitCode()).isZero();
        assertThat(once.log().stdout()).isEqualTo("one\ntwo\nend of input\n");
        assertThat(reader.awaitLog("got two").stdout()).isEqualTo("got one\ngot two\n");
        try (StreamClient third = attach(rig, reader)) {
            say(third, "three", "got three");
        }
    }

    private static void say(StreamClient client, String line, String answer) {
        client.send(StreamClient.STDIN, line + "\n");
        client.awaitText(StreamClient.STDOUT, answer + "\n");
    }

    @Test
    void callsThatAreOpenAreToldAndTheEndIsQuick(Rig rig) {
        RunningPod pod = rig.run(Pods.named("open-calls").hostNetwork());
        RunningContainer stubborn =
                pod.start(rig.container("busybox:1").command("/t/trap").named("stubborn"));
        RunningContainer idle = pod.start(rig.idle().named("idle"));
        stubborn.awaitLog("ready");
        CompletableFuture<Status> exec = status(() -> idle.exec("sh", "-c", "echo > /begun; exec sleep 7272"));
        CompletableFuture<Status> stop = status(() -> stubborn.stop(Duration.ofSeconds(60)));
        stubborn.awaitLog("got 15");
        Waiting.untilTrue(
                "the command runs",
                Duration.ofSeconds(30),
                () -> idle.output("ls", "/").contains("begun"));
        Duration took;
        try (Follower follower = Follower.of(rig.client())) {
            long begin = System.nanoTime();
            rig.daemon().stop();
            took = Duration.ofNanos(System.nanoTime() - begin);
            for (Status status : List.of(follower.awaitEnd(), exec.join(), stop.join())) {
                assertThat(status.getCode()).as(status.toString()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(status.getDescription()).contains(ENDING);
            }
        }
        assertThat(took).isLessThan(Duration.ofSeconds(10));
        rig.startDaemon();
        stubborn.stop(Duration.ZERO);
    }

    private static CompletableFuture<Status> status(Runnable call) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        call.run();
                        return Status.OK;
                    } catch (StatusRuntimeException e) {
                        return e.getStatus();
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }
}
