package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A kubelet drives the daemon: what few pods ask for. */
@KubeletDriven
@CoracleOnly
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KubeletSpecTest {
    private static final Pattern ID_MAP = Pattern.compile("^ +0 +(\\d+) +65536\n");

    @Test
    void imagesAreVolumesAndPartsOfThemToo(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("imagevolume");
        pod.awaitContainer("main", "ready", ContainerStatus::getReady);
        String log = pod.awaitLog("main", "/part/new");
        assertThat(log).startsWith("below\ntop\nshown\n");
        assertThat(log.lines().filter(line -> line.endsWith("Read-only file system")))
                .hasSize(2);
        ContainerStatus lacking = pod.awaitContainer(
                "lacking", "refused", c -> StaticPod.told(c.getState()).equals("waiting CreateContainerError"));
        assertThat(lacking.getState().getWaiting().getMessage())
                .startsWith("ImageVolumeMountFailed: ")
                .contains("no/such");
        String metrics = kubelet.kubelet().client().get("/metrics");
        assertThat(value(metrics, "kubelet_image_volume_mounted_succeed_total")).isGreaterThanOrEqualTo(3);
        assertThat(value(metrics, "kubelet_image_volume_mounted_errors_total")).isPositive();
    }

    private static double value(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the kubelet has no metric " + name));
    }

    /** Root of the pod is nobody outside; what it writes to a volume belongs to the root of the node. */
    @Test
    void rootOfAPodWithUsersOfItsOwn(KubeletRig kubelet) throws IOException {
        StaticPod pod = kubelet.apply("userns", Map.of("of-root", ""));
        pod.awaitReady();
        Waiting.untilTrue("a file of the pod's", StaticPod.LIMIT, () -> pod.exists("by-pod"));
        String log = pod.awaitLog("main", "0 0\n0 0\n0 0\n");
        Matcher map = ID_MAP.matcher(log);
        assertThat(map.find()).as(log).isTrue();
        long first = Long.parseLong(map.group(1));
        assertThat(first).isGreaterThanOrEqualTo(65_536).isEqualTo(uidOutside(pod.id("main")));
        assertThat(pod.awaitLog("other", "65536\n")).isEqualTo(map.group());
        Path data = kubelet.rig()
                .node()
                .inside("/var/lib/kubelet/pods/" + pod.uid() + "/volumes/kubernetes.io~empty-dir/data/mine");
        for (Path file : List.of(data, pod.dir().resolve("by-pod"))) {
            assertThat(Files.getAttribute(file, "unix:uid")).as(file.toString()).isEqualTo(0);
        }
        pod.touch("end");
        ContainerStatus ended = pod.awaitContainer("main", "ended", c -> c.getRestartCount() > 0);
        assertThat(StaticPod.told(ended.getLastState())).isEqualTo("terminated Error 3");
        assertThat(ended.getLastState().getTerminated().getMessage()).isEqualTo("words of another root\n");
        pod.remove("end");
    }

    private static long uidOutside(String container) throws IOException {
        String process = ContainerCgroup.of(container).processes().getFirst();
        try (Stream<String> lines = Files.lines(Path.of("/proc", process, "status"))) {
            return lines.filter(line -> line.startsWith("Uid:"))
                    .mapToLong(line -> Long.parseLong(line.split("\\s+", -1)[1]))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void lastWordsAreReadWhereTheyAreSaid(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("words");
        PodStatus status = pod.awaitPhase("Failed");
        ContainerStatus elsewhere = StaticPod.of(status, "elsewhere");
        assertThat(StaticPod.told(elsewhere.getState())).isEqualTo("terminated Error 3");
        assertThat(elsewhere.getState().getTerminated().getMessage()).isEqualTo("said elsewhere\n");
        ContainerStatus reader = StaticPod.of(status, "reader");
        assertThat(StaticPod.told(reader.getState())).isEqualTo("terminated Completed 0");
        assertThat(reader.getState().getTerminated().getMessage()).isEqualTo("said in the file\n");
    }

    /** A probe that takes too long has failed, and nothing of its command goes on, also not in a session of its own. */
    @Test
    void probesThatTakeTooLong(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("timeouts");
        pod.awaitReady();
        pod.touch("slow");
        pod.awaitContainer("slow", "not ready", c -> !c.getReady());
        Waiting.untilTrue("a probe", StaticPod.LIMIT, () -> pod.exists("tried"));
        pod.remove("slow");
        ContainerStatus ready = pod.awaitContainer("slow", "ready again", ContainerStatus::getReady);
        assertThat(ready.getRestartCount()).isZero();
        Waiting.untilTrue(
                "the end of what the probes ran",
                StaticPod.LIMIT,
                () -> ContainerCgroup.of(pod.id("slow")).processes().stream().noneMatch(KubeletSpecTest::isProbes));
    }

    private static boolean isProbes(String process) {
        try {
            return Files.readString(Path.of("/proc", process, "cmdline")).contains("4747");
        } catch (IOException e) {
            return false; // it has just ended
        }
    }

    /** Without an API server too: a manifest that names the pod's uid may change, and the kubelet takes the change as a resize. */
    @Test
    void runningPodsAreResized(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("resized");
        PodStatus before = pod.awaitReady();
        kubelet.change(pod, "limits: {cpu: 200m, memory: 64Mi}", "limits: {cpu: 300m, memory: 96Mi}");
        requireResized(pod, before, "300m", "96Mi");
        kubelet.change(pod, "limits: {cpu: 300m, memory: 96Mi}", "limits: {cpu: 250m, memory: 48Mi}");
        requireResized(pod, before, "250m", "48Mi");
        kubelet.change(pod, "requests: {cpu: 100m,", "requests: {cpu: 150m,");
        ContainerCgroup group = ContainerCgroup.of(pod.id("main"));
        String shares = group.isV2() ? "24" : "153";
        Waiting.untilTrue(
                "a request of 150m",
                StaticPod.LIMIT,
                () -> group.read("cpu/cpu.shares", "cpu.weight").equals(shares));
        assertThat(StaticPod.id(pod.container("main"))).isEqualTo(StaticPod.id(StaticPod.of(before, "main")));
    }

    /** The container that says so is started anew where its memory changes; the other is the same as before. */
    private static void requireResized(StaticPod pod, PodStatus before, String cpu, String memory) {
        ContainerStatus main = pod.awaitContainer("main", "resized", c -> hasLimits(c, cpu, memory));
        assertThat(StaticPod.id(main)).isEqualTo(StaticPod.id(StaticPod.of(before, "main")));
        assertThat(main.getRestartCount()).isZero();
        ContainerStatus anew = pod.awaitContainer("anew", "resized", c -> hasLimits(c, cpu, memory));
        assertThat(anew.getRestartCount()).isPositive();
        assertThat(StaticPod.id(anew)).isNotEqualTo(StaticPod.id(StaticPod.of(before, "anew")));
        for (ContainerStatus container : List.of(main, anew)) {
            ContainerCgroup group = ContainerCgroup.of(StaticPod.id(container));
            long mebibytes = Long.parseLong(memory.replace("Mi", ""));
            assertThat(group.read("memory/memory.limit_in_bytes", "memory.max"))
                    .isEqualTo(String.valueOf(mebibytes << 20));
            String quota = String.valueOf(Integer.parseInt(cpu.replace("m", "")) * 100);
            assertThat(group.isV2() ? group.read("", "cpu.max") : group.read("cpu/cpu.cfs_quota_us", ""))
                    .startsWith(quota);
        }
    }

    private static boolean hasLimits(ContainerStatus container, String cpu, String memory) {
        return container.getReady()
                && container.getResources() != null
                && container.getResources().getLimits() != null
                && cpu.equals(
                        String.valueOf(container.getResources().getLimits().get("cpu")))
                && memory.equals(
                        String.valueOf(container.getResources().getLimits().get("memory")));
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void kubeletFoundNoFaultWithTheRuntime(KubeletRig kubelet) {
        assertThat(kubelet.kubelet().errorsBut(KubeletErrors.HARMLESS)).isEmpty();
    }
}
