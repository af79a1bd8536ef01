package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What kubectl exec, attach and port-forward do, through the kubelet's own port: it translates WebSocket to SPDY for the runtime. */
@KubeletDriven
@CoracleOnly
final class KubeletStreamTest {
    private static final String V5 = "v5.channel.k8s.io";
    private static final String V4 = "v4.channel.k8s.io";

    private static StaticPod pod(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("streams");
        pod.awaitReady();
        return pod;
    }

    private static KubeletSocket exec(KubeletRig kubelet, StaticPod pod, String streams, String script) {
        String command = "command=sh&command=-c&command=" + URLEncoder.encode(script, StandardCharsets.UTF_8);
        return new KubeletSocket(kubelet, "/exec/default/" + pod.fullName() + "/main?" + streams + "&" + command, V5);
    }

    @Test
    void commandsHaveOutputErrorsAndAnExitCode(KubeletRig kubelet) {
        try (KubeletSocket socket = exec(kubelet, pod(kubelet), "output=1&error=1", "echo out; echo err >&2; exit 5")) {
            socket.awaitEnd();
            assertThat(socket.text(KubeletSocket.STDOUT)).isEqualTo("out\n");
            assertThat(socket.text(KubeletSocket.STDERR)).isEqualTo("err\n");
            assertThat(socket.text(KubeletSocket.ERROR)).contains("NonZeroExitCode", "\"message\":\"5\"");
        }
    }

    @Test
    void inputEndsAlone(KubeletRig kubelet) {
        try (KubeletSocket socket = exec(kubelet, pod(kubelet), "input=1&output=1", "cat; echo end")) {
            socket.send(KubeletSocket.STDIN, "hello\n");
            socket.awaitText(KubeletSocket.STDOUT, "hello\n");
            socket.end(KubeletSocket.STDIN);
            socket.awaitEnd();
            assertThat(socket.text(KubeletSocket.STDOUT)).isEqualTo("hello\nend\n");
            assertThat(socket.text(KubeletSocket.ERROR)).contains("Success");
        }
    }

    @Test
    void terminalsHaveTheClientsSize(KubeletRig kubelet) {
        String script = "until stty size | grep '40 100'; do sleep 0.1; done; read line; echo read $line";
        try (KubeletSocket socket = exec(kubelet, pod(kubelet), "input=1&output=1&tty=1", script)) {
            socket.send(KubeletSocket.RESIZE, "{\"Width\":100,\"Height\":40}");
            socket.awaitText(KubeletSocket.STDOUT, "40 100\r\n");
            socket.send(KubeletSocket.STDIN, "typed\n");
            socket.awaitEnd();
            assertThat(socket.text(KubeletSocket.STDOUT)).endsWith("read typed\r\n");
        }
    }

    /** What the kubelet does not translate comes through it as the client has sent it. */
    @Test
    void clientsThatOnlyHaveTextSendBase64(KubeletRig kubelet) {
        String path = "/exec/default/" + pod(kubelet).fullName()
                + "/main?input=1&output=1&error=1&command=sh&command=-c&command="
                + URLEncoder.encode("read line; echo got $line; exit 6", StandardCharsets.UTF_8);
        try (KubeletSocket socket = new KubeletSocket(kubelet, path, "v4.base64.channel.k8s.io")) {
            socket.sendText(KubeletSocket.STDIN, "some text\n");
            socket.awaitEnd();
            assertThat(socket.text(KubeletSocket.STDOUT)).isEqualTo("got some text\n");
            assertThat(socket.text(KubeletSocket.ERROR)).contains("NonZeroExitCode", "\"message\":\"6\"");
        }
    }

    @Test
    void attachedClientsTalkToTheContainer(KubeletRig kubelet) {
        StaticPod pod = pod(kubelet);
        for (String said : new String[] {"one", "two"}) {
            try (KubeletSocket socket =
                    new KubeletSocket(kubelet, "/attach/default/" + pod.fullName() + "/reader?input=1&output=1", V5)) {
                socket.send(KubeletSocket.STDIN, said + "\n");
                socket.awaitText(KubeletSocket.STDOUT, "got " + said + "\n");
            }
        }
        assertThat(pod.log("reader")).isEqualTo("got one\ngot two\n");
    }

    /** Two streams for each port, for data and for errors; the first two bytes of each are the port. */
    @Test
    void portsAreForwarded(KubeletRig kubelet) {
        StaticPod pod = pod(kubelet);
        try (KubeletSocket socket =
                new KubeletSocket(kubelet, "/portForward/default/" + pod.fullName() + "?port=8080", V4)) {
            socket.send(0, "GET / HTTP/1.0\r\n\r\n");
            socket.awaitText(0, "\r\n\r\nforwarded\n");
            assertThat(socket.text(1)).hasSize(2);
        }
    }

    @Test
    void portsAreForwardedThroughATunnel(KubeletRig kubelet) {
        try (KubeletTunnel tunnel = new KubeletTunnel(kubelet, pod(kubelet), 8080)) {
            assertThat(tunnel.status()).contains("101");
            tunnel.send("GET / HTTP/1.0\r\n\r\n");
            tunnel.awaitData("\r\n\r\nforwarded\n");
        }
    }
}
