package dev.coracle.e2e;

import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A container that a test has made. */
public record RunningContainer(CriClient client, String id, Path logFile) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public void start() {
        client.startContainer(id);
    }

    public ContainerStatus status() {
        return client.containerStatus(id);
    }

    public ExecSyncResponse exec(String... command) {
        return client.exec(id, command);
    }

    /** The output of a command that must end with 0. */
    public String output(String... command) {
        ExecSyncResponse response = exec(command);
        if (response.getExitCode() != 0) {
            throw new IllegalStateException("exec " + String.join(" ", command) + ": exit code "
                    + response.getExitCode() + ": " + response.getStderr().toStringUtf8());
        }
        return response.getStdout().toStringUtf8();
    }

    /** Waits until it has exited and returns its status then. */
    public ContainerStatus awaitExit() {
        return awaitExit(PATIENCE);
    }

    public ContainerStatus awaitExit(Duration limit) {
        return Waiting.until(
                "exit of container " + id,
                limit,
                () -> Optional.of(status()).filter(s -> s.getState() == ContainerState.CONTAINER_EXITED));
    }

    public CriLog log() {
        return CriLog.read(logFile);
    }

    /** Waits until the log holds this text. */
    public CriLog awaitLog(String text) {
        return Waiting.until(
                "'" + text + "' in the log of " + id,
                PATIENCE,
                () -> Optional.of(logFile)
                        .filter(java.nio.file.Files::exists)
                        .map(CriLog::read)
                        .filter(l -> l.stdout().contains(text) || l.stderr().contains(text)));
    }

    /** Changes its limits. */
    public void update(LinuxContainerResources.Builder to) {
        var _ = client.runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(id)
                        .setLinux(to)
                        .build());
    }

    public void stop(Duration grace) {
        client.stopContainer(id, grace);
    }

    public void remove() {
        client.removeContainer(id);
    }
}
