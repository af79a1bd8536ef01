package dev.coracle.cri;

import com.google.common.base.Stopwatch;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerMetadata;
import dev.coracle.proto.v1.ContainerStatsRequest;
import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.ExecSyncRequest;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.LinuxContainerConfig;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.LinuxPodSandboxConfig;
import dev.coracle.proto.v1.LinuxSandboxSecurityContext;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.NamespaceOption;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxFilter;
import dev.coracle.proto.v1.PodSandboxMetadata;
import dev.coracle.proto.v1.PodSandboxStatusRequest;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RemoveContainerRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.RemovePodSandboxRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.SecurityProfile;
import dev.coracle.proto.v1.StartContainerRequest;
import dev.coracle.proto.v1.StopContainerRequest;
import dev.coracle.proto.v1.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Whether this node runs pods: has a running daemon take some through their whole life, with an image that it brings along, and times
 * each call. Needs no registry, no network and nothing installed. One thread.
 */
public final class NodeCheck {
    private static final int DEADLINE_SECONDS = 60;
    private static final String LABEL = "coracle.dev/check";
    private static final String PROGRAM = "coracle-shim";
    private static final NamespaceOption NAMESPACES = NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.NODE)
            .setPid(NamespaceMode.CONTAINER)
            .build();

    private final DaemonClient daemon;
    private final ImageSpec image;
    private final Map<String, List<Duration>> times = new LinkedHashMap<>();

    private NodeCheck(DaemonClient daemon, ImageSpec image) {
        this.daemon = daemon;
        this.image = image;
    }

    /**
     * A line for each call, with its median and longest time.
     *
     * @param shim the static program that the image is made of
     * @param architecture of the image, as OCI names it
     * @param rounds how many pods, one after another
     * @throws RuntimeFailure.Unavailable with the daemon's answer, where one call fails
     */
    public static String of(Path socket, Path shim, String architecture, int rounds) {
        try (CheckRegistry registry = new CheckRegistry(new CheckImage(PROGRAM, read(shim), architecture))) {
            ImageSpec image =
                    ImageSpec.newBuilder().setImage(registry.reference()).build();
            return DaemonClient.ask(socket, DEADLINE_SECONDS, daemon -> new NodeCheck(daemon, image).run(rounds));
        }
    }

    private static byte[] read(Path shim) {
        try {
            return Files.readAllBytes(shim);
        } catch (IOException e) {
            throw new RuntimeFailure.Unavailable("read " + shim, String.valueOf(e.getMessage()), e);
        }
    }

    private String run(int rounds) {
        try {
            timed(
                    "PullImage",
                    () -> daemon.images()
                            .pullImage(PullImageRequest.newBuilder()
                                    .setImage(image)
                                    .build()));
            for (int round = 0; round < rounds; round++) {
                life(pod(round));
            }
        } finally {
            cleanUp();
        }
        return report();
    }

    private void life(PodSandboxConfig pod) {
        String sandbox = timed(
                "RunPodSandbox",
                () -> daemon.runtime()
                        .runPodSandbox(
                                RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                        .getPodSandboxId());
        String container = timed(
                "CreateContainer",
                () -> daemon.runtime()
                        .createContainer(CreateContainerRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .setConfig(container())
                                .setSandboxConfig(pod)
                                .build())
                        .getContainerId());
        timed(
                "StartContainer",
                () -> daemon.runtime()
                        .startContainer(StartContainerRequest.newBuilder()
                                .setContainerId(container)
                                .build()));
        exec(container);
        look(sandbox, container);
        timed(
                "StopContainer",
                () -> daemon.runtime()
                        .stopContainer(StopContainerRequest.newBuilder()
                                .setContainerId(container)
                                .build()));
        timed(
                "RemoveContainer",
                () -> daemon.runtime()
                        .removeContainer(RemoveContainerRequest.newBuilder()
                                .setContainerId(container)
                                .build()));
        timed("StopPodSandbox", () -> stop(sandbox));
        timed("RemovePodSandbox", () -> remove(sandbox));
    }

    private void exec(String container) {
        ExecSyncResponse answer = timed(
                "ExecSync",
                () -> daemon.runtime()
                        .execSync(ExecSyncRequest.newBuilder()
                                .setContainerId(container)
                                .addCmd("/" + PROGRAM)
                                .addCmd("--version")
                                .setTimeout(DEADLINE_SECONDS)
                                .build()));
        if (answer.getExitCode() != 0 || !answer.getStdout().toStringUtf8().startsWith(PROGRAM)) {
            throw new RuntimeFailure.Unavailable(
                    "execute " + PROGRAM + " in a container", "exit code " + answer.getExitCode());
        }
    }

    /** What a kubelet asks all the time. */
    private void look(String sandbox, String container) {
        timed(
                "PodSandboxStatus",
                () -> daemon.runtime()
                        .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .build()));
        timed(
                "ContainerStatus",
                () -> daemon.runtime()
                        .containerStatus(ContainerStatusRequest.newBuilder()
                                .setContainerId(container)
                                .build()));
        timed(
                "ContainerStats",
                () -> daemon.runtime()
                        .containerStats(ContainerStatsRequest.newBuilder()
                                .setContainerId(container)
                                .build()));
        timed("ListPodSandbox", () -> daemon.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()));
        timed("ListContainers", () -> daemon.runtime().listContainers(ListContainersRequest.getDefaultInstance()));
    }

    private Object stop(String sandbox) {
        return daemon.runtime()
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
    }

    private Object remove(String sandbox) {
        return daemon.runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
    }

    /** Also what an earlier check that was killed has left. */
    private void cleanUp() {
        PodSandboxFilter ours =
                PodSandboxFilter.newBuilder().putLabelSelector(LABEL, "true").build();
        daemon.runtime()
                .listPodSandbox(
                        ListPodSandboxRequest.newBuilder().setFilter(ours).build())
                .getItemsList()
                .forEach(pod -> {
                    stop(pod.getId());
                    remove(pod.getId());
                });
        daemon.images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
    }

    private static PodSandboxConfig pod(int round) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("check")
                        .setNamespace("coracle")
                        .setUid(UUID.randomUUID().toString())
                        .setAttempt(round))
                .putLabels(LABEL, "true")
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setSecurityContext(
                                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(NAMESPACES)))
                .build();
    }

    private ContainerConfig container() {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("check"))
                .setImage(image)
                .addCommand("/" + PROGRAM)
                .addCommand("--pause")
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                                .setNamespaceOptions(NAMESPACES)
                                .setSeccomp(SecurityProfile.newBuilder()
                                        .setProfileType(SecurityProfile.ProfileType.RuntimeDefault))))
                .build();
    }

    private <T> T timed(String call, Supplier<T> action) {
        Stopwatch watch = Stopwatch.createStarted();
        T answer = action.get();
        times.computeIfAbsent(call, _ -> new ArrayList<>()).add(watch.elapsed());
        return answer;
    }

    private String report() {
        StringBuilder text = new StringBuilder(String.format("%-18s%10s%10s%n", "milliseconds", "median", "longest"));
        times.forEach((call, taken) -> {
            List<Duration> sorted = taken.stream().sorted().toList();
            text.append(String.format(
                    "%-18s%10.1f%10.1f%n", call, millis(sorted.get(sorted.size() / 2)), millis(sorted.getLast())));
        });
        return text.append("this node runs pods\n").toString();
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }
}
