package dev.coracle.e2e.bench;

import dev.coracle.e2e.CriClient;
import dev.coracle.e2e.Pods;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandboxConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The life of one pod with one container, each RPC timed. */
record Cycle(boolean network) {
    static final String UP = "pod up (Run + Create + Start)";
    static final String DOWN = "pod down (Stop + Remove, both)";

    void run(Contender contender, int round, Samples samples) {
        CriClient client = contender.client();
        Pods pods = Pods.named("bench-" + round);
        PodSandboxConfig pod = contender.pod(network ? pods : pods.hostNetwork());
        ContainerConfig config =
                contender.container("busybox:1").command(Contender.WORKLOAD).in(pod);
        logFolder(pod, config);

        String sandbox = samples.time("RunPodSandbox", () -> client.runPod(pod));
        String container = samples.time("CreateContainer", () -> client.createContainer(sandbox, config, pod));
        samples.time("StartContainer", () -> client.startContainer(container));
        samples.addSumOfLast(UP, List.of("RunPodSandbox", "CreateContainer", "StartContainer"));
        samples.time("PodSandboxStatus", () -> client.podStatus(sandbox));
        samples.time("ContainerStatus", () -> client.containerStatus(container));
        samples.time(
                "ListContainers", () -> client.runtime().listContainers(ListContainersRequest.getDefaultInstance()));
        samples.time("StopContainer", () -> client.stopContainer(container, Duration.ofSeconds(10)));
        samples.time("RemoveContainer", () -> client.removeContainer(container));
        samples.time("StopPodSandbox", () -> client.stopPod(sandbox));
        samples.time("RemovePodSandbox", () -> client.removePod(sandbox));
        samples.addSumOfLast(DOWN, List.of("StopContainer", "RemoveContainer", "StopPodSandbox", "RemovePodSandbox"));
        contender.removed(pod);
    }

    /** A kubelet makes this folder. */
    static void logFolder(PodSandboxConfig pod, ContainerConfig config) {
        Path log = Path.of(pod.getLogDirectory(), config.getLogPath());
        try {
            Files.createDirectories(log.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
