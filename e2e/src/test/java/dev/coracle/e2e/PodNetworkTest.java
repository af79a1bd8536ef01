package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PortMapping;
import dev.coracle.proto.v1.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods with a network of their own, on a CNI bridge. */
@DaemonTest
final class PodNetworkTest {

    @Test
    @Tag("vm")
    void pageOfNginxIsServedFromThePodsAddress(Rig rig) {
        RunningPod pod = rig.run(Pods.named("web"));
        RunningContainer nginx = pod.start(rig.container("nginx:1"));

        assertThat(pod.ip()).startsWith("10.88.");
        String page = Waiting.until("page of nginx", Duration.ofSeconds(30), () -> {
            Outcome answer = rig.node().get("http://" + pod.ip() + "/");
            return answer.status() == 0 ? java.util.Optional.of(answer.out()) : java.util.Optional.empty();
        });
        assertThat(page).contains("Served from a pod");
        nginx.awaitLog("GET / HTTP/1.1\" 200");
        nginx.stop(Duration.ofSeconds(10));
        assertThat(nginx.status().getExitCode()).isZero();
    }

    @Test
    void hasInterfaceLoopbackAndDefaultRoute(Rig rig) {
        RunningPod pod = rig.run(Pods.named("links"));
        RunningContainer container = pod.start(rig.idle());
        assertThat(container.output("ip", "-o", "-4", "address", "show", "eth0"))
                .contains(pod.ip() + "/16");
        assertThat(container.output("ip", "-o", "-4", "address", "show", "lo")).contains("127.0.0.1/8");
        assertThat(container.output("ip", "link", "show", "lo")).contains("UP");
        assertThat(container.output("ip", "route")).contains("default via 10.88.0.1 dev eth0");
    }

    @Test
    void podsReachEachOther(Rig rig) {
        RunningPod server = rig.run(Pods.named("server"));
        RunningContainer httpd =
                server.start(rig.busybox("echo there > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"));
        RunningPod client = rig.run(Pods.named("client"));
        RunningContainer shell = client.start(rig.idle());
        assertThat(server.ip()).isNotEqualTo(client.ip());
        awaitHttp(httpd);
        assertThat(shell.output("/t/get", server.ip(), "8080")).isEqualTo("there\n");
    }

    @Test
    @Field(value = "PortMapping.container_port", does = "goes to CNI plugins")
    @Field(value = "PortMapping.host_port", does = "goes to CNI plugins; none where it is 0")
    void hostPortLeadsToThePod(Rig rig) {
        RunningPod pod = rig.run(Pods.named("port").port(8080, 18080));
        pod.start(rig.busybox("echo mapped > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"));
        String page = Waiting.until("answer at the host port", Duration.ofSeconds(20), () -> {
            Outcome answer = rig.node().get("http://10.88.0.1:18080/");
            return answer.status() == 0 ? java.util.Optional.of(answer.out()) : java.util.Optional.empty();
        });
        assertThat(page).isEqualTo("mapped\n");
    }

    @Test
    @CoracleOnly
    @Field(value = "PortMapping.protocol", does = "TCP, UDP or SCTP; goes to CNI plugins")
    @Field(value = "PortMapping.host_ip", does = "goes to CNI plugins; empty is every address")
    void pluginsGetTheWholeMapping(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("mapping")
                .on(rig.node())
                .build(c -> c.addPortMappings(PortMapping.newBuilder()
                        .setProtocol(Protocol.UDP)
                        .setContainerPort(53)
                        .setHostPort(18053)
                        .setHostIp("10.88.0.1"))));
        StringBuilder plans = new StringBuilder();
        for (Path plan : KeptPlans.titled(rig, pod, "")) {
            plans.append(KeptPlans.text(plan));
        }
        assertThat(plans.toString().replace("\\\"", "\""))
                .contains(
                        "\"containerPort\":53",
                        "\"hostPort\":18053",
                        "\"protocol\":\"udp\"",
                        "\"hostIP\":\"10.88.0.1\"");
    }

    @Test
    @Field(value = "PodSandboxConfig.hostname", does = "the name in the pod's UTS namespace, HOSTNAME and /etc/hosts")
    @Field(value = "DNSConfig.servers", does = "nameserver lines of /etc/resolv.conf")
    @Field(value = "DNSConfig.searches", does = "the search line of /etc/resolv.conf")
    @Field(value = "DNSConfig.options", does = "the options line of /etc/resolv.conf")
    void namesAndResolverAreThePods(Rig rig) {
        RunningPod pod = rig.run(Pods.named("names").hostname("given-name"));
        RunningContainer container = pod.start(rig.idle());
        assertThat(container.output("hostname")).isEqualTo("given-name\n");
        assertThat(container.output("sh", "-c", "echo $HOSTNAME")).isEqualTo("given-name\n");
        assertThat(container.output("cat", "/etc/resolv.conf"))
                .contains("nameserver 10.96.0.10")
                .contains("search default.svc.cluster.local svc.cluster.local")
                .contains("options ndots:5");
        assertThat(container.output("cat", "/etc/hosts")).contains("127.0.0.1").contains("localhost");
        if (rig.isCoracle()) {
            assertThat(container.output("cat", "/etc/hosts")).containsPattern("(?m)^\\S+\\s+given-name$");
        }
    }

    @Test
    void theNodesResolverWhereTheClientGivesNone(Rig rig) throws IOException {
        String ofTheNode = Files.readString(rig.node().inside("/etc/resolv.conf"));
        for (Pods pods : List.of(Pods.named("no-dns"), Pods.named("no-dns-host").hostNetwork())) {
            RunningPod pod = rig.run(pods.on(rig.node()).build(PodSandboxConfig.Builder::clearDnsConfig));
            RunningContainer container = pod.start(rig.idle());
            assertThat(container.output("cat", "/etc/resolv.conf")).isEqualTo(ofTheNode);
            assertThat(container.output("cat", "/etc/hosts"))
                    .contains("127.0.0.1")
                    .contains("localhost");
        }
    }

    @Test
    @Field(
            value = "StopPodSandboxRequest.pod_sandbox_id",
            does = "containers killed, network released; unknown is success")
    @Field(
            value = "RemovePodSandboxRequest.pod_sandbox_id",
            does = "stopped where it runs, then forgotten with its containers; unknown is success")
    void stopReleasesTheNetworkAndMayBeRepeated(Rig rig) {
        RunningPod pod = rig.run(Pods.named("stopped"));
        pod.start(rig.idle());
        String address = pod.ip();
        assertThat(rig.node().command("ip", "-o", "link").text()).contains("veth");
        pod.stop();
        assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(rig.node().command("ip", "-o", "link").text()).doesNotContain("veth");
        assertThat(rig.node().inside("/var/lib/cni/networks/e2e/" + address)).doesNotExist();
        pod.stop();
        pod.remove();
    }

    @Test
    void tenPodsAtOnceGetTenAddresses(Rig rig) throws InterruptedException {
        var addresses = java.util.concurrent.ConcurrentHashMap.<String>newKeySet();
        var pods = java.util.stream.IntStream.range(0, 10)
                .mapToObj(i -> Thread.startVirtualThread(
                        () -> addresses.add(rig.run(Pods.named("many-" + i)).ip())))
                .toList();
        for (Thread pod : pods) {
            pod.join();
        }
        assertThat(addresses).hasSize(10).allMatch(a -> a.startsWith("10.88."));
    }

    private static void awaitHttp(RunningContainer inside) {
        Waiting.untilTrue(
                "httpd answers",
                Duration.ofSeconds(20),
                () -> inside.exec("/t/get", "127.0.0.1", "8080").getExitCode() == 0);
    }
}
