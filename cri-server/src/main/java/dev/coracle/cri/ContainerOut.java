package dev.coracle.cri;

import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerMetadata;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.ContainerUser;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.LinuxContainerUser;
import dev.coracle.proto.v1.ListContainersResponse;
import dev.coracle.spec.ImageRequest;
import dev.coracle.spec.Signal;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState.Created;
import dev.coracle.state.ContainerState.Creating;
import dev.coracle.state.ContainerState.Exited;
import dev.coracle.state.ContainerState.Removing;
import dev.coracle.state.ContainerState.Running;
import dev.coracle.state.ContainerState.Starting;
import dev.coracle.state.ContainerState.Stopping;
import dev.coracle.state.Outcome;
import dev.coracle.state.Prepared;
import org.jspecify.annotations.Nullable;

/** Writes what clients see of containers. */
final class ContainerOut {
    private ContainerOut() {}

    static ContainerState state(ContainerRecord container) {
        return switch (container.shownState()) {
            case Creating _, Removing _ -> ContainerState.CONTAINER_UNKNOWN;
            case Created _, Starting _ -> ContainerState.CONTAINER_CREATED;
            case Running _, Stopping _ -> ContainerState.CONTAINER_RUNNING;
            case Exited _ -> ContainerState.CONTAINER_EXITED;
        };
    }

    /** One element of a {@code ListContainersResponse}, with its tag: a list is the concatenation of such. */
    static byte[] element(ContainerRecord container) {
        return ListContainersResponse.newBuilder()
                .addContainers(item(container))
                .build()
                .toByteArray();
    }

    static Container item(ContainerRecord container) {
        return Container.newBuilder()
                .setId(container.id().value())
                .setPodSandboxId(container.pod().value())
                .setMetadata(metadata(container))
                .setImage(image(container.spec().image()))
                .setImageRef(container.image().reference())
                .setImageId(container.image().id())
                .setState(state(container))
                .setCreatedAt(container.createdAt())
                .putAllLabels(container.spec().labels())
                .putAllAnnotations(container.spec().annotations())
                .build();
    }

    /** {@code logDirectory} is the pod's; empty for none. */
    static ContainerStatus status(ContainerRecord container, String logDirectory) {
        ContainerStatus.Builder status = ContainerStatus.newBuilder()
                .setId(container.id().value())
                .setMetadata(metadata(container))
                .setState(state(container))
                .setCreatedAt(container.createdAt())
                .setImage(image(container.spec().image()))
                .setImageRef(container.image().reference())
                .setImageId(container.image().id())
                .putAllLabels(container.spec().labels())
                .putAllAnnotations(container.spec().annotations())
                .setLogPath(logPath(container, logDirectory))
                .setResources(ResourcesOut.container(container.resources()))
                .setStopSignal(SignalNames.write(stopSignal(container)));
        status.addAllMounts(
                MountOut.write(container.spec().mounts(), container.image().volumes()));
        addLife(status, container.shownState());
        return status.build();
    }

    static ContainerMetadata metadata(ContainerRecord container) {
        return ContainerMetadata.newBuilder()
                .setName(container.spec().metadata().name())
                .setAttempt((int) container.spec().metadata().attempt())
                .build();
    }

    /**
     * The name that the container's user wrote: several names may stand for one image, and people look for theirs. Without one,
     * what the client asked for.
     */
    static ImageSpec image(ImageRequest image) {
        String shown = image.userSpecified().isEmpty() ? image.image() : image.userSpecified();
        return ImageSpec.newBuilder()
                .setImage(shown)
                .setUserSpecifiedImage(image.userSpecified())
                .build();
    }

    private static String logPath(ContainerRecord container, String logDirectory) {
        String path = container.spec().logPath();
        if (path.isEmpty() || logDirectory.isEmpty()) {
            return "";
        }
        return logDirectory.endsWith("/") ? logDirectory + path : logDirectory + "/" + path;
    }

    private static Signal stopSignal(ContainerRecord container) {
        if (container.spec().stopSignal() != null) {
            return container.spec().stopSignal();
        }
        Signal ofImage = container.image().config().stopSignal();
        return ofImage == null ? Signal.TERM : ofImage;
    }

    private static void addLife(ContainerStatus.Builder status, dev.coracle.state.ContainerState state) {
        Prepared prepared = prepared(state);
        if (prepared != null) {
            status.setUser(ContainerUser.newBuilder()
                    .setLinux(LinuxContainerUser.newBuilder()
                            .setUid(prepared.user().uid())
                            .setGid(prepared.user().gid())
                            .addAllSupplementalGroups(prepared.user().groups())));
        }
        switch (state) {
            case Creating _, Removing _, Created _, Starting _ -> {}
            case Running running -> status.setStartedAt(running.startedAt());
            case Stopping stopping -> status.setStartedAt(stopping.startedAt());
            case Exited exited -> addExit(status.setStartedAt(exited.startedAt()), exited.outcome());
        }
    }

    /** Null while it is not known yet, or for ever when the container was lost before. */
    static @Nullable Prepared prepared(dev.coracle.state.ContainerState state) {
        return switch (state) {
            case Creating _ -> null;
            case Created created -> created.prepared();
            case Starting starting -> starting.prepared();
            case Running running -> running.prepared();
            case Stopping stopping -> stopping.prepared();
            case Exited exited -> exited.prepared();
            case Removing removing -> prepared(removing.before());
        };
    }

    private static void addExit(ContainerStatus.Builder status, Outcome outcome) {
        status.setFinishedAt(outcome.finishedAt())
                .setExitCode(outcome.code())
                .setReason(outcome.reason().word())
                .setMessage(outcome.message());
    }
}
