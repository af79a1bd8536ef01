package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams as the Go client of Kubernetes has them, over either protocol. */
@DaemonTest
final class CrictlStreamTest {
    private static final long GIGABYTE = 1L << 30;

    private static Crictl crictl(Rig rig) {
        return new Crictl(rig.node(), rig.daemon().socket());
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void exec(String transport, Rig rig) {
        RunningContainer container = rig.run(Pods.named("exec-" + transport)).start(rig.idle());
        Outcome outcome = Outcome.of(crictl(rig)
                .command(
                        "exec",
                        "--transport",
                        transport,
                        container.id(),
                        "sh",
                        "-c",
                        "echo out; echo err >&2; exit 7"));
        assertThat(outcome.out()).isEqualTo("out\n");
        assertThat(outcome.err()).contains("err\n").contains("exit code 7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void terminal(String transport, Rig rig) {
        RunningContainer container = rig.run(Pods.named("tty-" + transport)).start(rig.idle());
        String command =
                String.join(" ", crictl(rig).command("exec", "--transport", transport, "-it", container.id(), "tty"));
        assertThat(Outcome.of("script", "-qec", command, "/dev/null").out()).contains("/dev/pts/0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void attach(String transport, Rig rig) throws IOException {
        RunningContainer container = rig.run(Pods.named("attach-" + transport))
                .start(rig.container("busybox:1").command("sh").stdin(true));
        Process client = crictl(rig).start("attach", "--transport", transport, "-i", container.id());
        try (OutputStream in = client.getOutputStream()) {
            in.write("echo hello from attach; exit 4\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("hello from attach\n");
        assertThat(container.awaitExit().getExitCode()).isEqualTo(4);
        assertThat(container.log().stdout()).isEqualTo("hello from attach\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void portForward(String transport, Rig rig) {
        for (boolean host : new boolean[] {false, true}) {
            Pods named = Pods.named("forward-" + transport + (host ? "-host" : ""));
            RunningPod pod = rig.run(host ? named.hostNetwork() : named);
            RunningContainer container =
                    pod.start(rig.busybox("nc -ll -p 7777 -e sh -c 'cat | wc -c; sleep 2; echo late' & exec /t/pause"));
            Waiting.untilTrue(
                    "somebody listens",
                    Duration.ofSeconds(10),
                    () -> container.output("netstat", "-ltn").contains(":7777 "));
            Process client = crictl(rig).start("port-forward", "--transport", transport, pod.id(), "17777:7777");
            try {
                crictl(rig).awaitListener(17777);
                String script = "head -c 3000000 /dev/zero | " + Tools.busybox() + " nc 127.0.0.1 17777";
                assertThat(rig.node().command("sh", "-c", script).text()).isEqualTo("3000000\nlate\n");
            } finally {
                client.destroy();
            }
            container.stop(Duration.ZERO);
        }
    }

    @Test
    void aGigabyteThereAndBack(Rig rig) throws Exception {
        RunningContainer container = rig.run(Pods.named("gigabyte")).start(rig.idle());
        Process client = crictl(rig).start("exec", "-i", container.id(), "cat");
        MessageDigest sent = sha256();
        Thread writer = Thread.startVirtualThread(() -> write(client.getOutputStream(), sent));
        MessageDigest received = sha256();
        long length = 0;
        try (InputStream in = client.getInputStream()) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                received.update(buffer, 0, n);
                length += n;
            }
        }
        writer.join();
        assertThat(length).isEqualTo(GIGABYTE);
        assertThat(hex(received)).isEqualTo(hex(sent));
        assertThat(client.waitFor()).isZero();
    }

    private static void write(OutputStream to, MessageDigest digest) {
        SplittableRandom random = new SplittableRandom(4);
        byte[] piece = new byte[1 << 20];
        try (to) {
            for (long left = GIGABYTE; left > 0; left -= piece.length) {
                random.nextBytes(piece);
                digest.update(piece);
                to.write(piece);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
