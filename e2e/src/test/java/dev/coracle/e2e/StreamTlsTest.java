package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Streams over TLS, as the configuration asks for them: with a client of Kubernetes that knows the certificate, and one that does not. */
@DaemonTest
@CoracleOnly
final class StreamTlsTest {
    private static final int NEAR = 17_443;
    private static final int FAR = 7443;

    private static final String SCRIPT = "nc -ll -p " + FAR
            + " -e sh -c 'cat | wc -c; echo late' & while read line; do echo got $line; done; exec /t/pause";

    /** A daemon of its own, because it is configured otherwise. */
    private static Coracle daemon(Rig rig, Path certificate, Path key) {
        DaemonDirs dirs = DaemonDirs.in(rig.folder("tls"));
        dirs.plainHttp(Registry.ADDRESS);
        dirs.configure(new TlsFiles(certificate, key).settings());
        return new Coracle(rig.node(), dirs);
    }

    @Test
    void clientsThatKnowTheCertificateHaveTheirStreams(Rig rig) throws IOException {
        TlsFiles files = TlsFiles.make(rig.folder("identity"));
        TlsFiles stranger = TlsFiles.make(rig.folder("stranger"));
        try (Coracle daemon = daemon(rig, files.certificate(), files.key())) {
            daemon.start();
            try (CriClient client = CriClient.connect(daemon.socket())) {
                RunningPod pod = RunningPod.run(
                        client, Pods.named("tls").hostNetwork().on(rig.node()).build());
                Containers busybox = Containers.of(TestImages.name("busybox:1"))
                        .imageId(client.pull(TestImages.name("busybox:1")))
                        .script(SCRIPT)
                        .stdin(false);
                RunningContainer container = pod.start(busybox);
                Crictl crictl = new Crictl(rig.node(), daemon.socket());
                crictl.awaitListener(FAR);
                for (String transport : List.of("spdy", "websocket")) {
                    exec(crictl, container, transport, files, stranger);
                    attach(crictl, container, transport, files, stranger);
                    forward(crictl, pod, transport, files, stranger);
                }
                assertThat(container.awaitLog("got websocket").stdout()).isEqualTo("got spdy\ngot websocket\n");
                pod.remove();
            }
        }
    }

    private static void exec(
            Crictl crictl, RunningContainer container, String transport, TlsFiles known, TlsFiles stranger) {
        String[] command = {container.id(), "sh", "-c", "echo out; exit 7"};
        Outcome outcome = Outcome.of(crictl.command(line("exec", transport, known, command)));
        assertThat(outcome.out()).as(outcome.err()).isEqualTo("out\n");
        assertThat(outcome.err()).contains("exit code 7");
        requireRefused(crictl, line("exec", transport, stranger, command));
    }

    private static void attach(
            Crictl crictl, RunningContainer container, String transport, TlsFiles known, TlsFiles stranger)
            throws IOException {
        requireRefused(crictl, line("attach", transport, stranger, container.id()));
        Process client = crictl.start(line("attach", transport, known, "-i", container.id()));
        try (OutputStream in = client.getOutputStream()) {
            in.write((transport + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
            byte[] answer = ("got " + transport + "\n").getBytes(StandardCharsets.UTF_8);
            assertThat(client.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
        }
    }

    private static void forward(Crictl crictl, RunningPod pod, String transport, TlsFiles known, TlsFiles stranger) {
        String[] ports = {pod.id(), NEAR + ":" + FAR};
        requireRefused(crictl, line("port-forward", transport, stranger, ports));
        Process client = crictl.start(line("port-forward", transport, known, ports));
        try {
            crictl.awaitListener(NEAR);
            String script = "head -c 300000 /dev/zero | " + Tools.busybox() + " nc 127.0.0.1 " + NEAR;
            assertThat(crictl.node().command("sh", "-c", script).text()).isEqualTo("300000\nlate\n");
        } finally {
            end(client);
        }
    }

    /** Its port must be free for the next one. */
    private static void end(Process client) {
        client.destroy();
        client.onExit().join();
    }

    private static void requireRefused(Crictl crictl, String... line) {
        Outcome outcome = Outcome.of(crictl.command(line));
        assertThat(outcome.status()).isNotZero();
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("certificate");
    }

    /** crictl only looks at the server's certificate when it is given one of its own, which nobody asks for here. */
    private static String[] line(String kind, String transport, TlsFiles known, String... arguments) {
        Stream<String> options = Stream.of(
                kind,
                "--transport",
                transport,
                "--tls-ca",
                known.certificate().toString(),
                "--tls-cert",
                known.certificate().toString(),
                "--tls-key",
                known.key().toString());
        return Stream.concat(options, Stream.of(arguments)).toArray(String[]::new);
    }

    @Test
    void filesThatCannotBeUsedAreNamedAtTheStart(Rig rig) {
        TlsFiles one = TlsFiles.make(rig.folder("one"));
        TlsFiles other = TlsFiles.make(rig.folder("other"));
        Coracle refused = daemon(rig, Path.of("/no/tls.crt"), one.key());
        Outcome missing = rig.node().command(refused.command());
        assertThat(missing.status()).isEqualTo(1);
        Waiting.untilTrue(
                "what it had begun to clear away is over, and nothing of it runs",
                Duration.ofSeconds(30),
                () -> rig.node()
                                .command("pgrep", "-f", refused.dirs().run().toString())
                                .status()
                        == 1);
        assertThat(missing.err()).contains("coracle: stream.tls_cert: read /no/tls.crt: there is no such file");
        Outcome wrong =
                rig.node().command(daemon(rig, one.certificate(), other.key()).command());
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("is not the key to the certificate in " + one.certificate());
    }
}
