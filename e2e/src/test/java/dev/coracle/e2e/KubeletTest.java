package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A kubelet drives the daemon: what pods do as their owners see it. */
@KubeletDriven
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KubeletTest {

    @Test
    void initContainersSidecarAndHooksComeInOrder(KubeletRig kubelet) throws IOException {
        StaticPod pod = kubelet.apply("lifecycle");
        PodStatus status = pod.awaitReady();

        assertThat(status.getPhase()).isEqualTo("Running");
        assertThat(state(status, "first")).isEqualTo("terminated Completed 0");
        assertThat(state(status, "second")).isEqualTo("terminated Completed 0");
        assertThat(state(status, "sidecar")).isEqualTo("running");
        assertThat(StaticPod.of(status, "sidecar").getReady()).isTrue();
        assertThat(status.getContainerStatuses().stream().map(ContainerStatus::getRestartCount))
                .containsOnly(0);
        assertThat(pod.log("second")).isEqualTo("/shared/up\nwritten by first\n");
        assertThat(pod.awaitLog("main", "/shared")).containsPattern("tmpfs +8192 ");

        pod.delete();
        assertThat(Files.readAllLines(pod.dir().resolve("order")))
                .containsExactly("after start", "before stop", "main ended", "sidecar ended");
    }

    @Test
    void probesDecideAboutReadinessAndRestarts(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("probes");
        pod.awaitContainer("by-http", "ready", ContainerStatus::getReady);
        pod.awaitContainer("by-tcp", "ready", ContainerStatus::getReady);
        assertThat(pod.container("by-exec").getReady()).isFalse();
        assertThat(pod.container("by-tcp-nobody").getReady()).isFalse();

        pod.touch("ready");
        pod.awaitContainer("by-exec", "ready", ContainerStatus::getReady);
        pod.remove("ready");
        pod.awaitContainer("by-exec", "not ready", c -> !c.getReady());

        pod.remove("alive");
        pod.touch("slow");
        ContainerStatus restarted =
                pod.awaitContainer("by-http", "restarted", c -> c.getRestartCount() == 1 && c.getReady());
        assertThat(StaticPod.told(restarted.getLastState())).startsWith("terminated Error 1");
        pod.awaitContainer("slow", "killed", c -> c.getRestartCount() > 0);
        pod.remove("slow");
        ContainerStatus slow = pod.awaitContainer("slow", "restarted", ContainerStatus::getReady);
        assertThat(StaticPod.told(slow.getLastState())).isEqualTo("terminated Error 137");
        assertThat(pod.container("by-exec").getRestartCount()).isZero();
        assertThat(pod.container("by-tcp").getRestartCount()).isZero();
    }

    @Test
    void outOfMemoryIsNamed(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("oom");
        PodStatus status = pod.awaitPhase("Failed");
        assertThat(state(status, "main")).isEqualTo("terminated OOMKilled 137");
    }

    @Test
    void crashLoopBacksOffAndShowsTheLastWords(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("crash");
        ContainerStatus waiting = pod.awaitContainer(
                "main",
                "waits to be restarted",
                c -> c.getRestartCount() > 0 && StaticPod.told(c.getState()).equals("waiting CrashLoopBackOff"));
        assertThat(StaticPod.told(waiting.getLastState())).isEqualTo("terminated Error 3");
        assertThat(waiting.getLastState().getTerminated().getMessage()).isEqualTo("famous last words\n");
        pod.awaitContainer("main", "restarted again", c -> c.getRestartCount() > 1);
        assertThat(pod.status().getPhase()).isEqualTo("Running");
    }

    @Test
    void podThatMustSucceedIsRunAgainUntilItDoes(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("onfailure");
        PodStatus status = pod.awaitPhase("Succeeded");
        ContainerStatus main = StaticPod.of(status, "main");
        assertThat(StaticPod.told(main.getState())).isEqualTo("terminated Completed 0");
        assertThat(main.getState().getTerminated().getMessage()).isEqualTo("said by run 1\n");
        assertThat(main.getRestartCount()).isEqualTo(1);
        assertThat(StaticPod.told(main.getLastState())).isEqualTo("terminated Error 5");
        assertThat(main.getLastState().getTerminated().getMessage()).isEqualTo("said by run 0\n");
        ContainerStatus other = StaticPod.of(status, "other");
        assertThat(StaticPod.told(other.getState())).isEqualTo("terminated Completed 0");
        assertThat(other.getRestartCount()).isZero();
    }

    @Test
    void whatCannotStartSaysWhy(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("unable");
        ContainerStatus noProgram =
                pod.awaitContainer("no-program", "failed", c -> c.getLastState().getTerminated() != null);
        assertThat(StaticPod.told(noProgram.getLastState())).isEqualTo("terminated StartError 128");
        assertThat(noProgram.getLastState().getTerminated().getMessage())
                .matches("start no-program: op \\d+ execve \\[/no/such/program] argv=\\[/no/such/program]: ENOENT");
        ContainerStatus noImage = pod.awaitContainer(
                "no-image",
                "not pulled",
                c -> List.of("waiting ErrImagePull", "waiting ImagePullBackOff")
                        .contains(StaticPod.told(c.getState())));
        assertThat(noImage.getState().getWaiting().getMessage()).contains("no/such:1");
        ContainerStatus noRegistry = pod.awaitContainer(
                "no-registry",
                "not pulled",
                c -> List.of("waiting RegistryUnavailable", "waiting ImagePullBackOff")
                        .contains(StaticPod.told(c.getState())));
        assertThat(noRegistry.getState().getWaiting().getMessage())
                .contains(
                        "because the registry is unavailable: pull 127.0.0.1:1/no:1: 127.0.0.1:1 cannot be reached: ");
    }

    @Test
    void podHasItsOwnNetworkNameAndResolver(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("network");
        PodStatus status = pod.awaitReady();
        assertThat(status.getPodIP()).startsWith("10.88.");
        awaitPage(kubelet, "http://" + status.getPodIP() + ":8080/", "fancy\n");
        awaitPage(kubelet, "http://10.88.0.1:18080/", "fancy\n");
        String log = pod.awaitLog("client", "alias.example.org");
        assertThat(log)
                .startsWith("fancy\n")
                .contains("nameserver 192.0.2.53", "search example.org", "options ndots:3");
        assertThat(log)
                .containsPattern(status.getPodIP() + "\\s+fancy")
                .containsPattern("192.0.2.1\\s+alias.example.org");
    }

    @Test
    void podOnTheHostsNetworkAndPids(KubeletRig kubelet) throws IOException {
        StaticPod pod = kubelet.apply("hostnetwork");
        pod.awaitReady();
        awaitPage(kubelet, "http://127.0.0.1:18081/", "the host\n");
        String log = pod.awaitLog("main", "env PATH");
        Path host = Path.of("/proc", String.valueOf(kubelet.rig().node().holder()), "ns");
        for (String kind : List.of("net", "pid", "ipc")) {
            assertThat(log).contains("ns." + kind + " " + Files.readSymbolicLink(host.resolve(kind)) + "\n");
        }
        assertThat(log).doesNotContain("ns.mnt " + Files.readSymbolicLink(host.resolve("mnt")));
    }

    @Test
    void containersShareAProcessNamespace(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("shared");
        pod.awaitReady();
        String processes = pod.awaitLog("two", "ps -o");
        assertThat(processes).containsPattern("(?m)^ *\\d+ /t/trap ignore$");
        assertThat(processes).doesNotContainPattern("(?m)^ *1 (/t/trap|sh|ps)");
    }

    @Test
    void resourcesAreInForce(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("resources");
        PodStatus status = pod.awaitReady();
        assertThat(status.getQosClass()).isEqualTo("Burstable");
        ContainerCgroup limited = ContainerCgroup.of(pod.id("limited"));
        String uid = pod.seen().orElseThrow().getMetadata().getUid();
        assertThat("/" + limited.path())
                .isEqualTo(kubelet.rig().node().cgroupParent() + "/kubepods/burstable/pod" + uid + "/"
                        + pod.id("limited"));
        assertThat(limited.read("memory/memory.limit_in_bytes", "memory.max")).isEqualTo("67108864");
        assertThat(limited.read("cpu/cpu.shares", "cpu.weight")).isEqualTo(limited.isV2() ? "17" : "102");
        assertThat(
                        limited.isV2()
                                ? limited.read("", "cpu.max").split(" ", -1)[0]
                                : limited.read("cpu/cpu.cfs_quota_us", ""))
                .isEqualTo("50000");
        assertThat(pod.awaitLog("limited", "env PATH")).containsPattern("oom_score_adj 99\\d\n");
        ContainerCgroup free = ContainerCgroup.of(pod.id("free"));
        assertThat(free.read("cpu/cpu.shares", "cpu.weight")).isEqualTo(free.isV2() ? "1" : "2");
        assertThat(pod.awaitLog("free", "env PATH")).contains("oom_score_adj 999\n");
        ContainerStatus shown = StaticPod.of(status, "limited");
        assertThat(shown.getResources().getLimits())
                .hasEntrySatisfying("memory", quantity -> assertThat(quantity).hasToString("64Mi"));
        assertThat(shown.getResources().getLimits())
                .hasEntrySatisfying("cpu", quantity -> assertThat(quantity).hasToString("500m"));
        assertThat(shown.getResources().getRequests())
                .hasEntrySatisfying("cpu", quantity -> assertThat(quantity).hasToString("100m"));
    }

    @Test
    void securityContextIsInForce(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("security");
        PodStatus status = pod.awaitPhase("Succeeded");
        String confined = pod.log("confined");
        assertThat(confined).contains("status Uid:\t1000\t1000\t1000\t1000\n", "status Gid:\t2000\t2000\t2000\t2000\n");
        assertThat(confined).containsPattern("status Groups:\t2000 2001 3000 4000 *\n");
        assertThat(confined).contains("status CapEff:\t0000000000000000\n", "status CapBnd:\t0000000000000000\n");
        assertThat(confined).contains("status NoNewPrivs:\t1\n", "status Seccomp:\t2\n");
        assertThat(confined).contains("touch: /here: Read-only file system");
        assertThat(confined).contains("data 0 3000 2777\n", "mine 1000 3000\n").endsWith("\n123\n");
        assertThat(StaticPod.of(status, "confined").getUser().getLinux().getUid())
                .isEqualTo(1000);
        assertThat(StaticPod.of(status, "confined").getUser().getLinux().getSupplementalGroups())
                .contains(3000L, 4000L);
        String privileged = pod.log("privileged");
        assertThat(privileged)
                .contains("status Uid:\t0\t0\t0\t0\n", "status Seccomp:\t0\n", "/dev/kmsg\n")
                .endsWith("writable\n");
    }

    @Test
    void volumesOfEveryKind(KubeletRig kubelet) throws IOException {
        StaticPod pod = kubelet.apply("volumes", Map.of("part/file", "a part of the host\n"));
        pod.awaitPhase("Succeeded");
        assertThat(pod.log("main").lines())
                .containsExactly(
                        "color=\"green\"",
                        "round",
                        "67108864",
                        "a part of the host",
                        "touch: /host/new: Read-only file system",
                        "host is read-only",
                        pod.fullName() + " on 127.0.0.1 has 67108864");
        assertThat(pod.dir().resolve("made/here/by-pod")).exists();
        assertThat(pod.dir().resolve("new")).doesNotExist();
    }

    @Test
    void logIsRotatedWithoutLoss(KubeletRig kubelet) throws IOException {
        StaticPod pod = kubelet.apply("logs");
        pod.awaitReady();
        Path folder = logFolder(kubelet, pod, "main");
        Waiting.untilTrue(
                "a log that was rotated twice",
                StaticPod.LIMIT,
                () -> names(folder).stream().anyMatch(n -> n.endsWith(".gz")));
        pod.touch("enough");
        pod.awaitLog("main", "end\n");
        List<String> lines =
                CriLog.readRotated(folder.resolve("0.log")).stdout().lines().toList();
        assertThat(lines.getLast()).isEqualTo("end");
        assertThat(lines.subList(0, lines.size() - 1))
                .isEqualTo(IntStream.rangeClosed(1, lines.size() - 1)
                        .mapToObj(i -> i + " a line that fills a log so that it has to be rotated")
                        .toList());
        assertThat(pod.log("main", "?tailLines=1")).isEqualTo("end\n");
    }

    @Test
    void graceEndsAndThePodIsKilled(KubeletRig kubelet) throws IOException {
        StaticPod pod = kubelet.apply("stubborn");
        pod.awaitReady();
        Waiting.untilTrue("trap", StaticPod.LIMIT, () -> Files.exists(pod.dir().resolve("up")));
        long begin = System.nanoTime();
        pod.delete();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(20));
        assertThat(Files.readAllLines(pod.dir().resolve("told"))).containsExactly("told");
    }

    /** The kubelet's collector of containers comes once a minute. */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void deletedPodsAreGone(KubeletRig kubelet) {
        kubelet.deleteAll();
        Waiting.untilTrue(
                "a runtime without pods",
                Duration.ofSeconds(90),
                () -> kubelet.rig().client().ids().isEmpty());
        Waiting.untilTrue(
                "no logs of pods",
                StaticPod.LIMIT,
                () -> names(kubelet.rig().node().inside("/var/log/pods")).isEmpty());
        Waiting.untilTrue(
                "no folders of pods",
                StaticPod.LIMIT,
                () -> names(kubelet.rig().node().inside("/var/lib/kubelet/pods"))
                        .isEmpty());
        assertThat(kubelet.cgroupsOfPods()).isEmpty();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void kubeletFoundNoFaultWithTheRuntime(KubeletRig kubelet) {
        assertThat(kubelet.kubelet().errorsBut(KubeletErrors.HARMLESS)).isEmpty();
    }

    private static void awaitPage(KubeletRig kubelet, String uri, String page) {
        Waiting.until(
                "page " + uri,
                StaticPod.LIMIT,
                () -> Optional.of(kubelet.rig().node().get(uri))
                        .map(Outcome::out)
                        .filter(page::equals));
    }

    private static Path logFolder(KubeletRig kubelet, StaticPod pod, String container) {
        String uid = pod.seen().orElseThrow().getMetadata().getUid();
        return kubelet.rig().node().inside("/var/log/pods/default_" + pod.fullName() + "_" + uid + "/" + container);
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> list = Files.list(folder)) {
            return list.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String state(PodStatus status, String container) {
        return StaticPod.told(StaticPod.of(status, container).getState());
    }
}
