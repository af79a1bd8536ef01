package dev.coracle.e2e.bench;

import dev.coracle.e2e.CriClient;
import dev.coracle.e2e.Pods;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxStatusRequest;
import dev.coracle.proto.v1.RemoveContainerRequest;
import dev.coracle.proto.v1.RemovePodSandboxRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.StartContainerRequest;
import dev.coracle.proto.v1.StopContainerRequest;
import dev.coracle.proto.v1.StopPodSandboxRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The life of one pod with one container, each RPC timed. */
record Cycle(boolean network) {
    static final String UP = "pod up (Run + Create + Start)";
    static final String DOWN = "pod down (Stop + Remove, both)";

    private static final int GRACE = 10;

    void run(Contender contender, int round, Samples samples) {
        CriClient client = contender.client();
        Pods pods = Pods.named("bench-" + round);
        PodSandboxConfig pod = contender.pod(network ? pods : pods.hostNetwork());
        ContainerConfig config =
                contender.container("busybox:1").command(Contender.WORKLOAD).in(pod);
        logFolder(pod, config);

        String sandbox = samples.time(
                        client,
                        RuntimeServiceGrpc.getRunPodSandboxMethod(),
                        RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
        String container = samples.time(
                        client,
                        RuntimeServiceGrpc.getCreateContainerMethod(),
                        CreateContainerRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .setConfig(config)
                                .setSandboxConfig(pod)
                                .build())
                .getContainerId();
        samples.time(
                client,
                RuntimeServiceGrpc.getStartContainerMethod(),
                StartContainerRequest.newBuilder().setContainerId(container).build());
        samples.addSumOfLast(UP, List.of("RunPodSandbox", "CreateContainer", "StartContainer"));
        look(client, sandbox, container, samples);
        down(client, sandbox, container, samples);
        contender.removed(pod);
    }

    private static void look(CriClient client, String sandbox, String container, Samples samples) {
        samples.time(
                client,
                RuntimeServiceGrpc.getPodSandboxStatusMethod(),
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build());
        samples.time(
                client,
                RuntimeServiceGrpc.getContainerStatusMethod(),
                ContainerStatusRequest.newBuilder().setContainerId(container).build());
        samples.time(client, RuntimeServiceGrpc.getListContainersMethod(), ListContainersRequest.getDefaultInstance());
    }

    private static void down(CriClient client, String sandbox, String container, Samples samples) {
        samples.time(
                client,
                RuntimeServiceGrpc.getStopContainerMethod(),
                StopContainerRequest.newBuilder()
                        .setContainerId(container)
                        .setTimeout(GRACE)
                        .build());
        samples.time(
                client,
                RuntimeServiceGrpc.getRemoveContainerMethod(),
                RemoveContainerRequest.newBuilder().setContainerId(container).build());
        samples.time(
                client,
                RuntimeServiceGrpc.getStopPodSandboxMethod(),
                StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        samples.time(
                client,
                RuntimeServiceGrpc.getRemovePodSandboxMethod(),
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        samples.addSumOfLast(DOWN, List.of("StopContainer", "RemoveContainer", "StopPodSandbox", "RemovePodSandbox"));
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
