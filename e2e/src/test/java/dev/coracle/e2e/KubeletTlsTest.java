package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** A daemon whose streams go over TLS, under a kubelet: which has no setting for it, and asks what its node trusts. */
@KubeletDriven
@CoracleOnly
final class KubeletTlsTest {
    /** The kubelet speaks SPDY for clients of this one, and hands those of the others through as they are. */
    private static final String V5 = "v5.channel.k8s.io";

    private static final String V4 = "v4.channel.k8s.io";
    private static final String BASE64 = "v4.base64.channel.k8s.io";

    private static final String EXEC = "/main?output=1&error=1&command=sh&command=-c&command=echo+out%3B+exit+5";
    private static final String ATTACH = "/reader?input=1&output=1";

    @Test
    void streamsNeedACertificateThatTheKubeletsNodeTrusts(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("streams");
        pod.awaitReady();
        TlsFiles files = TlsFiles.make(kubelet.rig().folder("identity"));
        Daemon daemon = kubelet.rig().daemon();
        kubelet.kubelet().stop(); // or it would still have to connect anew when it is asked
        daemon.stop();
        daemon.dirs().configure(files.settings());
        kubelet.rig().startDaemon();
        kubelet.kubelet().start(Map.of());
        pod.awaitReady();
        try (KubeletSocket socket = new KubeletSocket(kubelet, path("exec", pod) + EXEC, V5)) {
            socket.awaitEnd();
            assertThat(socket.text(KubeletSocket.STDOUT)).isEmpty();
            assertThat(socket.text(KubeletSocket.ERROR)).contains("certificate signed by unknown authority");
        }
        kubelet.kubelet().stop();
        kubelet.kubelet().trust(files.certificate());
        kubelet.kubelet().start(Map.of());
        pod.awaitReady();
        commandsRun(kubelet, pod);
        containersAreAttachedTo(kubelet, pod);
        portsAreForwarded(kubelet, pod);
    }

    private static String path(String what, StaticPod pod) {
        return "/" + what + "/default/" + pod.fullName();
    }

    private static void commandsRun(KubeletRig kubelet, StaticPod pod) {
        for (String protocol : new String[] {V5, BASE64}) {
            try (KubeletSocket socket = new KubeletSocket(kubelet, path("exec", pod) + EXEC, protocol)) {
                socket.awaitEnd();
                assertThat(socket.text(KubeletSocket.STDOUT)).as(protocol).isEqualTo("out\n");
                assertThat(socket.text(KubeletSocket.ERROR))
                        .as(protocol)
                        .contains("NonZeroExitCode", "\"message\":\"5\"");
            }
        }
    }

    private static void containersAreAttachedTo(KubeletRig kubelet, StaticPod pod) {
        for (String protocol : new String[] {V5, BASE64}) {
            try (KubeletSocket socket = new KubeletSocket(kubelet, path("attach", pod) + ATTACH, protocol)) {
                if (protocol.equals(V5)) {
                    socket.send(KubeletSocket.STDIN, protocol + "\n");
                } else {
                    socket.sendText(KubeletSocket.STDIN, protocol + "\n");
                }
                socket.awaitText(KubeletSocket.STDOUT, "got " + protocol + "\n");
            }
        }
        assertThat(pod.awaitLog("reader", BASE64)).isEqualTo("got " + V5 + "\ngot " + BASE64 + "\n");
    }

    private static void portsAreForwarded(KubeletRig kubelet, StaticPod pod) {
        try (KubeletTunnel tunnel = new KubeletTunnel(kubelet, pod, 8080)) {
            tunnel.send("GET / HTTP/1.0\r\n\r\n");
            tunnel.awaitData("\r\n\r\nforwarded\n");
        }
        try (KubeletSocket socket = new KubeletSocket(kubelet, path("portForward", pod) + "?port=8080", V4)) {
            socket.send(0, "GET / HTTP/1.0\r\n\r\n");
            socket.awaitText(0, "\r\n\r\nforwarded\n");
        }
    }
}
