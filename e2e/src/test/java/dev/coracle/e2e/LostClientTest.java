package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.ExecRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Clients on other machines: one whose machine is gone is given up within the time that is configured, whatever waits for it; one that lives
 * and does not read is not.
 */
@DaemonTest
@CoracleOnly
final class LostClientTest {
    private static final String V5 = "v5.channel.k8s.io";
    private static final String NETWORK = "10.77.1";
    /** Much less than the two minutes after which a kernel asks about a closed window in the end. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void machinesThatAreGoneAreMissedAndClientsThatDoNotReadAreNot(Rig rig) {
        DaemonDirs dirs = DaemonDirs.in(rig.folder("lost"));
        dirs.plainHttp(Registry.ADDRESS);
        dirs.configure("""
            [stream]
            address = "%s.1"
            answer_timeout = "4s"
            """.formatted(NETWORK));
        try (Neighbour gone = Neighbour.of(rig.node(), "gone", NETWORK);
                Neighbour alive = Neighbour.of(rig.node(), "alive", "10.77.2");
                Coracle daemon = new Coracle(rig.node(), dirs)) {
            daemon.start();
            alive.route(NETWORK + ".0/24", "10.77.2.1");
            try (CriClient client = CriClient.connect(daemon.socket())) {
                RunningPod pod = RunningPod.run(
                        client, Pods.named("lost").hostNetwork().on(rig.node()).build());
                Containers idle = Containers.of(TestImages.name("busybox:1"))
                        .imageId(client.pull(TestImages.name("busybox:1")))
                        .command("/t/pause");
                sessions(rig, gone, alive, pod.start(idle));
                assertThat(daemon.log())
                        .as("who missed the clients for whom something waited")
                        .contains("a client's machine does not answer any more");
                pod.remove();
            }
        }
    }

    private static void sessions(Rig rig, Neighbour gone, Neighbour alive, RunningContainer container) {
        try (StreamClient slow = exec(alive, container, "yes 4001");
                StreamClient silent = exec(gone, container, "read it; sleep 4002");
                StreamClient hears = exec(gone, container, ": 4003; while echo tick; do sleep 0.1; done");
                StreamClient full = exec(gone, container, "yes 4004")) {
            for (StreamClient lazy : List.of(slow, full)) {
                lazy.awaitText(StreamClient.STDOUT, "400");
            }
            hears.awaitText(StreamClient.STDOUT, "tick");
            silent.send(StreamClient.STDIN, "go\n");
            awaitRunning(container, "4001", "4002", "4003", "4004");
            awaitClosedWindows(rig, 2);
            gone.vanish();
            awaitGone(container, "4002", "4003", "4004");
            assertThat(container.output("ps")).contains("yes 4001");
            slow.awaitText(StreamClient.STDOUT, "4001");
        }
        awaitGone(container, "4001");
    }

    private static StreamClient exec(Neighbour from, RunningContainer container, String script) {
        ExecRequest request = ExecRequest.newBuilder()
                .setContainerId(container.id())
                .addAllCmd(List.of("sh", "-c", script))
                .setStdin(true)
                .setStdout(true)
                .build();
        String url = container.client().runtime().exec(request).getUrl();
        return StreamClient.open(from.pid(), url, V5);
    }

    private static void awaitRunning(RunningContainer container, String... words) {
        Waiting.untilTrue("commands that run", PATIENCE, () -> {
            String all = container.output("ps");
            return Stream.of(words).allMatch(all::contains);
        });
    }

    private static void awaitGone(RunningContainer container, String... words) {
        Waiting.untilTrue("commands that were ended", PATIENCE, () -> {
            String all = container.output("ps");
            return Stream.of(words).noneMatch(all::contains);
        });
    }

    /** Where a client does not read, a connection's timer in these tables is that of the probes of a closed window, 4. */
    private static void awaitClosedWindows(Rig rig, int count) {
        Waiting.untilTrue(
                count + " closed windows",
                PATIENCE,
                () -> rig.node()
                                .command("cat", "/proc/net/tcp", "/proc/net/tcp6")
                                .text()
                                .lines()
                                .filter(line ->
                                        line.strip().split("\\s+", -1)[5].startsWith("04:"))
                                .count()
                        == count);
    }
}
