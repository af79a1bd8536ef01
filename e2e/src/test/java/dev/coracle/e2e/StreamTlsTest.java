package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.ExecRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams over TLS, as the configuration asks for them: with a client of Kubernetes that knows the certificate. */
@DaemonTest
@CoracleOnly
final class StreamTlsTest {
    /** A daemon of its own, because it is configured otherwise. */
    private static Coracle daemon(Rig rig, Path certificate, Path key) {
        DaemonDirs dirs = DaemonDirs.in(rig.folder("tls"));
        dirs.plainHttp(Registry.ADDRESS);
        dirs.configure("""
            [stream]
            tls_cert = "%s"
            tls_key = "%s"
            """.formatted(certificate, key));
        return new Coracle(rig.node(), dirs);
    }

    private static List<String> crictl(Rig rig, Coracle daemon, String... arguments) {
        assumeTrue(Tools.crictl().isPresent(), "crictl needs Go to be built");
        List<String> command = new ArrayList<>(List.of(
                Tools.crictl().orElseThrow().toString(),
                "--runtime-endpoint",
                "unix://" + daemon.socket(),
                "--image-endpoint",
                "unix://" + daemon.socket(),
                "--timeout",
                "60s"));
        command.addAll(List.of(arguments));
        List<String> inside = new ArrayList<>(
                List.of("nsenter", "--target", String.valueOf(rig.node().holder()), "--net", "--"));
        inside.addAll(command);
        return inside;
    }

    @Test
    void clientsThatKnowTheCertificateHaveTheirStreams(Rig rig) {
        TlsFiles files = TlsFiles.make(rig.folder("identity"));
        TlsFiles stranger = TlsFiles.make(rig.folder("stranger"));
        try (Coracle daemon = daemon(rig, files.certificate(), files.key())) {
            daemon.start();
            try (CriClient client = CriClient.connect(daemon.socket())) {
                String image = TestImages.name("busybox:1");
                Containers idle =
                        Containers.of(image).imageId(client.pull(image)).command("/t/pause");
                RunningPod pod = RunningPod.run(
                        client, Pods.named("tls").hostNetwork().on(rig.node()).build());
                RunningContainer container = pod.start(idle);
                String url = client.runtime()
                        .exec(ExecRequest.newBuilder()
                                .setContainerId(container.id())
                                .addCmd("true")
                                .setStdout(true)
                                .build())
                        .getUrl();
                assertThat(url).startsWith("https://127.0.0.1:");
                for (String transport : List.of("spdy", "websocket")) {
                    Outcome known = exec(rig, daemon, container, transport, files);
                    assertThat(known.out()).as(known.err()).isEqualTo("out\n");
                    assertThat(known.err()).contains("exit code 7");
                    Outcome unknown = exec(rig, daemon, container, transport, stranger);
                    assertThat(unknown.out()).isEmpty();
                    assertThat(unknown.err()).contains("certificate");
                }
                pod.remove();
            }
        }
    }

    /** crictl only looks at the server's certificate when it is given one of its own, which nobody asks for here. */
    private static Outcome exec(Rig rig, Coracle daemon, RunningContainer container, String transport, TlsFiles known) {
        return Outcome.of(crictl(
                rig,
                daemon,
                "exec",
                "--transport",
                transport,
                "--tls-ca",
                known.certificate().toString(),
                "--tls-cert",
                known.certificate().toString(),
                "--tls-key",
                known.key().toString(),
                container.id(),
                "sh",
                "-c",
                "echo out; exit 7"));
    }

    @Test
    void filesThatCannotBeUsedAreNamedAtTheStart(Rig rig) {
        TlsFiles one = TlsFiles.make(rig.folder("one"));
        TlsFiles other = TlsFiles.make(rig.folder("other"));
        Outcome missing = rig.node()
                .command(daemon(rig, Path.of("/no/tls.crt"), one.key()).command());
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("coracle: stream.tls_cert: read /no/tls.crt: there is no such file");
        Outcome wrong =
                rig.node().command(daemon(rig, one.certificate(), other.key()).command());
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("is not the key to the certificate in " + one.certificate());
    }
}
