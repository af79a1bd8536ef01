package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.RuntimeCondition;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.VersionRequest;
import dev.coracle.proto.v1.VersionResponse;
import java.nio.file.Path;
import java.util.List;

/** Asks a running daemon, as a client of its socket, how it is. */
public final class DaemonReport {
    private static final int DEADLINE_SECONDS = 10;

    private DaemonReport() {}

    /**
     * A few lines of text.
     *
     * @throws RuntimeFailure.Unavailable if nobody answers within 10 s
     */
    public static String of(Path socket) {
        return DaemonClient.ask(socket, DEADLINE_SECONDS, DaemonReport::text);
    }

    private static String text(DaemonClient daemon) {
        var runtime = daemon.runtime();
        var images = daemon.images();
        VersionResponse version = runtime.version(VersionRequest.getDefaultInstance());
        StringBuilder text = new StringBuilder();
        line(text, version.getRuntimeName() + " " + version.getRuntimeVersion() + " on " + daemon.socket());
        for (RuntimeCondition condition :
                runtime.status(StatusRequest.getDefaultInstance()).getStatus().getConditionsList()) {
            String why = condition.getStatus() ? "" : " " + condition.getReason() + ": " + condition.getMessage();
            line(text, condition.getType() + " " + condition.getStatus() + why);
        }
        List<PodSandboxState> pods =
                runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList().stream()
                        .map(pod -> pod.getState())
                        .toList();
        line(text, "pods " + count(pods, PodSandboxState.SANDBOX_READY) + " ready of " + pods.size());
        List<ContainerState> containers =
                runtime.listContainers(ListContainersRequest.getDefaultInstance()).getContainersList().stream()
                        .map(container -> container.getState())
                        .toList();
        line(
                text,
                "containers " + count(containers, ContainerState.CONTAINER_RUNNING) + " running of "
                        + containers.size());
        line(
                text,
                "images "
                        + images.listImages(ListImagesRequest.getDefaultInstance())
                                .getImagesCount());
        return text.toString();
    }

    private static <S> long count(List<S> states, S wanted) {
        return states.stream().filter(wanted::equals).count();
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
