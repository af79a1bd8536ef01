package dev.coracle.e2e;

import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxStatus;
import dev.coracle.proto.v1.PodSandboxStatusRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A pod that a test has started, and what a kubelet does around it: its cgroup and its log folders. */
public record RunningPod(CriClient client, String id, PodSandboxConfig config) {

    /** Starts a pod as a kubelet does: the pod's cgroup is there before. */
    public static RunningPod run(CriClient client, PodSandboxConfig config) {
        return run(client, config, "");
    }

    /** As above, by a runtime handler. */
    public static RunningPod run(CriClient client, PodSandboxConfig config, String handler) {
        PodCgroup.make(config.getLinux().getCgroupParent());
        return new RunningPod(client, client.runPod(config, handler), config);
    }

    public RunningContainer create(Containers container) {
        return create(container.in(config));
    }

    public RunningContainer create(ContainerConfig container) {
        Path log = Path.of(config.getLogDirectory(), container.getLogPath());
        try {
            Files.createDirectories(log.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RunningContainer(client, client.createContainer(id, container, config), log);
    }

    public RunningContainer start(Containers container) {
        return start(container.in(config));
    }

    public RunningContainer start(ContainerConfig container) {
        RunningContainer created = create(container);
        client.startContainer(created.id());
        return created;
    }

    public PodSandboxStatus status() {
        return client.podStatus(id);
    }

    /** What its status says beside that, for people. */
    public Map<String, String> info(boolean verbose) {
        return client.runtime()
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setVerbose(verbose)
                        .build())
                .getInfoMap();
    }

    /** Its first address; empty on the host's network. */
    public String ip() {
        return status().getNetwork().getIp();
    }

    public void stop() {
        client.stopPod(id);
    }

    /** Stops and removes it, then its cgroup, as a kubelet does. */
    public void remove() {
        client.stopPod(id);
        client.removePod(id);
        PodCgroup.remove(config.getLinux().getCgroupParent());
    }
}
