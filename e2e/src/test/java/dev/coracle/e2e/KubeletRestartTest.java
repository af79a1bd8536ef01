package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kubelet and daemon end and come back, each under the other: no pod notices. */
@KubeletDriven
final class KubeletRestartTest {

    @AfterEach
    void endPods(KubeletRig kubelet) {
        kubelet.deleteAll();
    }

    @Test
    void podsGoOnWhenTheKubeletIsStartedAnew(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("survivor");
        PodStatus before = pod.awaitReady();
        kubelet.kubelet().stop();
        kubelet.kubelet().start(Map.of());
        PodStatus after = pod.awaitReady();
        assertThat(containers(after)).isEqualTo(containers(before));
        assertThat(after.getPodIP()).isEqualTo(before.getPodIP());
        assertThat(countsOn(pod)).isTrue();
    }

    @Test
    void exitWhileTheKubeletIsAwayIsAnsweredByARestart(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("survivor");
        PodStatus before = pod.awaitReady();
        kubelet.kubelet().stop();
        endOf(kubelet, pod, before);
        kubelet.kubelet().start(Map.of());
        requireRestartedOnce(pod, before);
    }

    @Test
    void podsGoOnWhenTheDaemonIsKilled(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("survivor");
        PodStatus before = pod.awaitReady();
        kubelet.rig().daemon().kill();
        kubelet.rig().startDaemon();
        // the kubelet has reconnected when it has run a pod
        StaticPod next = kubelet.apply("shared");
        next.awaitReady();
        assertThat(containers(pod.status())).isEqualTo(containers(before));
        assertThat(pod.status().getPodIP()).isEqualTo(before.getPodIP());
        assertThat(countsOn(pod)).isTrue();
    }

    @Test
    void exitWhileTheDaemonIsAwayIsAnsweredByARestart(KubeletRig kubelet) {
        StaticPod pod = kubelet.apply("survivor");
        PodStatus before = pod.awaitReady();
        kubelet.rig().daemon().kill();
        pod.touch("end");
        Waiting.untilTrue("end of the container", StaticPod.LIMIT, () -> !pod.exists("end"));
        kubelet.rig().startDaemon();
        requireRestartedOnce(pod, before);
    }

    /** The container that may end does so, as the runtime sees it. */
    private static void endOf(KubeletRig kubelet, StaticPod pod, PodStatus status) {
        pod.touch("end");
        String id = StaticPod.id(StaticPod.of(status, "ender"));
        Waiting.untilTrue(
                "end of " + id,
                StaticPod.LIMIT,
                () -> kubelet.rig().client().containerStatus(id).getExitCode() == 7);
    }

    private static void requireRestartedOnce(StaticPod pod, PodStatus before) {
        ContainerStatus ender = pod.awaitContainer("ender", "restarted", c -> c.getRestartCount() > 0 && c.getReady());
        assertThat(ender.getRestartCount()).isEqualTo(1);
        assertThat(StaticPod.told(ender.getLastState())).isEqualTo("terminated Error 7");
        assertThat(ender.getLastState().getTerminated().getMessage()).isEqualTo("asked to\n");
        assertThat(StaticPod.id(pod.container("counter"))).isEqualTo(StaticPod.id(StaticPod.of(before, "counter")));
        assertThat(pod.container("counter").getRestartCount()).isZero();
        assertThat(countsOn(pod)).isTrue();
    }

    /** Name, id, count of restarts and time of start: what tells a container from its successor. */
    private static List<String> containers(PodStatus status) {
        return status.getContainerStatuses().stream()
                .map(c -> c.getName() + " " + c.getContainerID() + " " + c.getRestartCount() + " "
                        + c.getState().getRunning().getStartedAt())
                .toList();
    }

    /** The counter's log grows and lacks no number. */
    private static boolean countsOn(StaticPod pod) {
        int before = (int) pod.log("counter").lines().count();
        pod.awaitLog("counter", "\n" + (before + 5) + "\n");
        List<String> lines = pod.log("counter").lines().toList();
        return lines.equals(
                IntStream.range(0, lines.size()).mapToObj(String::valueOf).toList());
    }
}
