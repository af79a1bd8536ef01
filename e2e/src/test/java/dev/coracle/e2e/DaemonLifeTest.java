package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.PodSandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How a daemon begins and ends, and that several keep out of each other's way. */
@DaemonTest
@CoracleOnly
final class DaemonLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Another daemon on the same node, with folders and a network configuration of its own. */
    private static Coracle another(Rig rig) {
        DaemonDirs dirs = DaemonDirs.in(rig.folder("second"));
        dirs.plainHttp(Registry.ADDRESS);
        return new Coracle(rig.node(), dirs);
    }

    @Test
    void twoOnOneNodeHaveEachTheirOwn(Rig rig) {
        RunningPod first = rig.run(Pods.named("first").hostNetwork());
        RunningContainer running = first.start(rig.idle());
        try (Coracle daemon = another(rig)) {
            daemon.start();
            try (CriClient client = CriClient.connect(daemon.socket())) {
                assertThat(client.pods()).isEmpty();
                RunningPod second = RunningPod.run(
                        client,
                        Pods.named("second").hostNetwork().on(rig.node()).build());
                assertThat(client.pods()).extracting(PodSandbox::getId).containsExactly(second.id());
                assertThat(rig.client().pods()).extracting(PodSandbox::getId).containsExactly(first.id());
                second.remove();
            }
            Path housekeeping = daemon.dirs().run().resolve("housekeeping");
            Waiting.untilTrue("what it does for nobody leaves nothing", PATIENCE, () -> Files.notExists(housekeeping));
        }
        assertThat(running.output("echo", "untouched")).isEqualTo("untouched\n");
    }

    @Test
    void twoDoNotShareAFolder(Rig rig) {
        for (String option : List.of("--run", "--state")) {
            Coracle other = another(rig);
            Path taken = option.equals("--run")
                    ? rig.daemon().dirs().run()
                    : rig.daemon().dirs().state();
            List<String> command = new ArrayList<>(other.command());
            command.set(command.indexOf(option) + 1, taken.toString());
            Outcome outcome = rig.node().command(command);
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.out()).doesNotContain("ready");
            assertThat(outcome.err()).contains(taken.toString()).contains("another daemon uses it");
        }
    }

    @Test
    void readyAndTheEndAreToldToTheServiceManager(Rig rig) {
        Coracle daemon = another(rig);
        Path path = rig.folder("notify").resolve("socket");
        try (NoticeSocket manager = new NoticeSocket(path)) {
            NodeProcess process = rig.node()
                    .start(
                            "notifying",
                            Map.of("JAVA_HOME", System.getProperty("java.home"), "NOTIFY_SOCKET", path.toString()),
                            daemon.command());
            String socket = daemon.dirs().socket().toString();
            assertThat(process.awaitLine(Pattern.compile("^ready "), PATIENCE)).isEqualTo("ready " + socket);
            Waiting.untilTrue("a notice", PATIENCE, () -> !manager.notices().isEmpty());
            assertThat(manager.notices()).containsExactly("READY=1\nSTATUS=serving " + socket);
            process.end("TERM", PATIENCE);
            Waiting.untilTrue(
                    "another notice", PATIENCE, () -> manager.notices().size() > 1);
            assertThat(manager.notices().getLast()).isEqualTo("STOPPING=1");
            process.close();
        }
    }
}
